// Settings of the connection to Camunda, under the names of its SDKs and its connector runtime.
// A part of the schema in settings.ts; reads nothing.
import { z } from 'zod'
import { springNames } from './foreign.ts'
import { optionalSetting, setting } from './setting.ts'
import { choice, gatewayAddress, list, text, textLike, url, wholeNumber } from './setting-types.ts'

const auth = z
  .strictObject({
    strategy: setting(choice(['NONE', 'OAUTH', 'BASIC', 'BEARER'], new Map([['oidc', 'OAUTH'] as const])), {
      environment: ['CAMUNDA_AUTH_STRATEGY', 'CAMUNDA_CLIENT_AUTH_METHOD'],
      aliases: springNames('camunda.client.auth.method'),
      doc: 'How Quarry authenticates to Camunda. Unset: OAUTH when an OAuth address, client id and client secret are set, BASIC when user name and password are.',
      example: 'OAUTH',
      default: 'NONE',
    }),
    clientId: optionalSetting(text(), {
      environment: ['ZEEBE_CLIENT_ID', 'CAMUNDA_CLIENT_ID', 'CAMUNDA_CLIENT_AUTH_CLIENTID'],
      aliases: springNames('camunda.client.auth.client-id', 'zeebe.client.cloud.client-id'),
      doc: 'OAuth client id.',
      example: 'quarry',
    }),
    clientSecret: optionalSetting(text(), {
      environment: ['ZEEBE_CLIENT_SECRET', 'CAMUNDA_CLIENT_SECRET', 'CAMUNDA_CLIENT_AUTH_CLIENTSECRET'],
      aliases: springNames('camunda.client.auth.client-secret', 'zeebe.client.cloud.client-secret'),
      doc: 'OAuth client secret.',
      example: '8Qf…',
      secret: 'whole',
    }),
    oauthUrl: optionalSetting(url('https', 'http'), {
      environment: ['CAMUNDA_OAUTH_URL', 'ZEEBE_AUTHORIZATION_SERVER_URL', 'CAMUNDA_CLIENT_AUTH_TOKENURL'],
      aliases: springNames('camunda.client.auth.token-url', 'zeebe.client.cloud.auth-url'),
      doc: 'OAuth token endpoint.',
      example: 'https://login.cloud.camunda.io/oauth/token',
      secret: 'credentials',
    }),
    audience: optionalSetting(text(), {
      environment: [
        'CAMUNDA_ZEEBE_OAUTH_AUDIENCE',
        'ZEEBE_TOKEN_AUDIENCE',
        'CAMUNDA_TOKEN_AUDIENCE',
        'CAMUNDA_CLIENT_AUTH_AUDIENCE',
      ],
      aliases: springNames('camunda.client.zeebe.audience', 'zeebe.client.cloud.audience'),
      doc: 'Audience of the OAuth token. Unset: zeebe.camunda.io for SaaS, otherwise zeebe-api.',
      example: 'zeebe.camunda.io',
    }),
    issuerUrl: optionalSetting(url('https', 'http'), {
      environment: ['CAMUNDA_CLIENT_AUTH_ISSUERURL'],
      aliases: springNames('camunda.client.auth.issuer-url'),
      doc: 'Issuer of OAuth tokens, whose .well-known/openid-configuration names the token endpoint.',
      example: 'https://login.example.com/realms/camunda',
      secret: 'credentials',
    }),
    discoveryUrl: optionalSetting(url('https', 'http'), {
      environment: ['CAMUNDA_CLIENT_AUTH_WELLKNOWNCONFIGURATIONURL'],
      aliases: springNames('camunda.client.auth.well-known-configuration-url'),
      doc: 'Address of that configuration, where it differs.',
      example: 'https://login.example.com/.well-known/oauth-authorization-server',
      secret: 'credentials',
    }),
    resource: optionalSetting(text(), {
      environment: ['CAMUNDA_CLIENT_AUTH_RESOURCE'],
      aliases: springNames('zeebe.token.resource'),
      doc: 'Resource of the OAuth token, where the provider requires one.',
      example: 'https://zeebe.example.com',
    }),
    scope: optionalSetting(text(), {
      environment: ['CAMUNDA_TOKEN_SCOPE', 'CAMUNDA_CLIENT_AUTH_SCOPE'],
      aliases: springNames(
        'camunda.client.zeebe.scope',
        'zeebe.client.cloud.scope',
        'zeebe.token.scope',
        'camunda.oauth.scope',
      ),
      doc: 'Scope of the OAuth token, where the provider requires one.',
      example: 'api://zeebe/.default',
    }),
    username: optionalSetting(text(), {
      environment: ['CAMUNDA_BASIC_AUTH_USERNAME', 'CAMUNDA_CLIENT_AUTH_USERNAME'],
      doc: 'User name for BASIC.',
      example: 'demo',
    }),
    password: optionalSetting(text(), {
      environment: ['CAMUNDA_BASIC_AUTH_PASSWORD', 'CAMUNDA_CLIENT_AUTH_PASSWORD'],
      doc: 'Password for BASIC.',
      example: '8Qf…',
      secret: 'whole',
    }),
    token: optionalSetting(text(), {
      environment: ['CAMUNDA_OAUTH_TOKEN'],
      doc: 'Token for BEARER, sent as it is.',
      example: 'eyJhbGciOi…',
      secret: 'whole',
    }),
  })
  .superRefine((value, context) => {
    const discovered = value.issuerUrl !== undefined || value.discoveryUrl !== undefined
    const needed: Record<typeof value.strategy, readonly (keyof typeof value)[]> = {
      NONE: [],
      OAUTH: discovered ? ['clientId', 'clientSecret'] : ['clientId', 'clientSecret', 'oauthUrl'],
      BASIC: ['username', 'password'],
      BEARER: ['token'],
    }
    for (const name of needed[value.strategy]) {
      if (value[name] !== undefined) continue
      context.addIssue({ code: 'custom', path: [name], message: `needed by the strategy ${value.strategy}` })
    }
  })

const tls = z
  .strictObject({
    rootCertPath: optionalSetting(text(), {
      environment: ['CAMUNDA_CUSTOM_ROOT_CERT_PATH', 'CAMUNDA_CLIENT_CACERTIFICATEPATH'],
      aliases: springNames(
        'camunda.client.ca-certificate-path',
        'camunda.client.zeebe.ca-certificate-path',
        'zeebe.client.security.cert-path',
        'zeebe.ca.certificate.path',
        'camunda.mtls.ca.path',
      ),
      doc: 'PEM file of the certificate authority that signed the gateway certificate.',
      example: '/etc/quarry/ca.pem',
    }),
    certChainPath: optionalSetting(text(), {
      environment: ['CAMUNDA_CUSTOM_CERT_CHAIN_PATH'],
      aliases: springNames('camunda.mtls.cert.path'),
      doc: 'PEM file of the client certificate chain, for mutual TLS.',
      example: '/etc/quarry/client.pem',
    }),
    privateKeyPath: optionalSetting(text(), {
      environment: ['CAMUNDA_CUSTOM_PRIVATE_KEY_PATH'],
      aliases: springNames('camunda.mtls.key.path'),
      doc: 'PEM file of the client private key, for mutual TLS.',
      example: '/etc/quarry/client.key',
    }),
  })
  .superRefine((value, context) => {
    if ((value.certChainPath === undefined) === (value.privateKeyPath === undefined)) return
    const missing = value.certChainPath === undefined ? 'certChainPath' : 'privateKeyPath'
    context.addIssue({
      code: 'custom',
      path: [missing],
      message: 'needed, as the other half of the client certificate is set',
    })
  })

/** Names of the modes before 8.7. */
const SELF_MANAGED = ['selfmanaged', 'self_managed', 'simple', 'oidc', 'address'].map(
  (word) => [word, 'self-managed'] as const,
)

const cloud = z.strictObject({
  clusterId: optionalSetting(hostPart(), {
    environment: ['CAMUNDA_CLIENT_CLOUD_CLUSTERID', 'CAMUNDA_CLUSTER_ID'],
    aliases: springNames(
      ...['camunda.client.cloud.cluster-id', 'camunda.client.cluster-id', 'zeebe.client.cloud.cluster-id'],
    ),
    doc: 'Cluster of Camunda SaaS; addresses, token endpoint and audience that are not set follow from it.',
    example: '0f9fbcbe-5d3b-4d5c-9f3f-6f6d8e0f3a52',
  }),
  region: optionalSetting(hostPart(), {
    environment: ['CAMUNDA_CLIENT_CLOUD_REGION', 'CAMUNDA_CLUSTER_REGION'],
    aliases: springNames('camunda.client.region', 'zeebe.client.cloud.region'),
    doc: 'Region of that cluster; bru-2 when it is unset.',
    example: 'bru-2',
  }),
  domain: optionalSetting(hostPart(), {
    environment: ['CAMUNDA_CLIENT_CLOUD_DOMAIN'],
    aliases: springNames('camunda.client.cloud.base-url', 'zeebe.client.cloud.base-url'),
    doc: 'Domain of Camunda SaaS; camunda.io when it is unset.',
    example: 'camunda.io',
  }),
  port: optionalSetting(wholeNumber({ minimum: 1, maximum: 65_535 }), {
    environment: ['CAMUNDA_CLIENT_CLOUD_PORT'],
    aliases: springNames('zeebe.client.cloud.port'),
    doc: 'Port of that cluster; 443 when it is unset.',
    example: '443',
  }),
})

function hostPart() {
  return textLike(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'a part of a host name')
}

const connection = z.strictObject({
  mode: setting(choice(['self-managed', 'saas'], new Map([...SELF_MANAGED, ['cloud', 'saas'] as const])), {
    environment: ['CAMUNDA_CLIENT_MODE'],
    aliases: springNames('zeebe.client.connection-mode'),
    doc: 'Whether Camunda is SaaS. Unset: saas when the id of a SaaS cluster is set.',
    example: 'saas',
    default: 'self-managed',
  }),
  grpcAddress: setting(gatewayAddress(), {
    environment: ['ZEEBE_GRPC_ADDRESS', 'ZEEBE_ADDRESS', 'CAMUNDA_CLIENT_GRPCADDRESS'],
    aliases: springNames(
      'camunda.client.grpc-address',
      'camunda.client.zeebe.grpc-address',
      'zeebe.client.broker.grpc-address',
      'zeebe.client.broker.gateway-address',
    ).concat('ZEEBE_CLIENT_BROKER_GATEWAY-ADDRESS'),
    doc: "Zeebe's gRPC gateway; grpc:// and http:// are plaintext, grpcs:// and https:// are TLS.",
    example: 'grpcs://zeebe.example.com:443',
    default: 'grpc://localhost:26500',
  }),
  restAddress: optionalSetting(url('http', 'https'), {
    environment: ['ZEEBE_REST_ADDRESS', 'CAMUNDA_REST_ADDRESS', 'CAMUNDA_CLIENT_RESTADDRESS'],
    aliases: springNames(
      'camunda.client.rest-address',
      'camunda.client.zeebe.rest-address',
      'zeebe.client.broker.rest-address',
      'camunda.client.zeebe.base-url',
    ),
    doc: "Camunda's REST API, for documents and process definitions.",
    example: 'http://localhost:8080',
    secret: 'credentials',
  }),
  tenantIds: setting(list(text(), { minimum: 1 }), {
    environment: [
      'CAMUNDA_TENANT_ID',
      'CAMUNDA_CLIENT_WORKER_DEFAULTS_TENANTIDS',
      'CAMUNDA_CLIENT_TENANTIDS',
      'CAMUNDA_CLIENT_TENANTID',
      'ZEEBE_TENANT_ID',
    ],
    aliases: [
      ...springNames('camunda.client.worker.defaults.tenant-ids', 'camunda.client.tenant-ids'),
      ...springNames(
        'camunda.client.zeebe.defaults.tenant-ids',
        'zeebe.client.default-job-worker-tenant-ids',
      ),
      ...springNames(
        'camunda.client.tenant-id',
        'camunda.default-tenant-id',
        'zeebe.client.default-tenant-id',
      ),
    ],
    indexed: true,
    doc: 'Tenants to take jobs of, with commas between them.',
    example: '<default>,tenant-a',
    default: '<default>',
  }),
  cloud,
  auth,
  tls,
})

/** How Quarry reaches Camunda. */
export const zeebeSettings = connection.superRefine((value, context) => {
  if (value.mode !== 'saas' || value.cloud.clusterId !== undefined) return
  context.addIssue({
    code: 'custom',
    path: ['cloud', 'clusterId'],
    message: 'needed by the mode saas',
  })
})
