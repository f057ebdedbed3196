// The settings of the connection to Camunda, under the names its SDKs and its connector runtime already use.
// A part of the schema in settings.ts; reads nothing.
import { z } from 'zod'
import { optionalSetting, setting } from './setting.ts'
import { choice, gatewayAddress, list, text, url } from './setting-types.ts'

const auth = z
  .strictObject({
    strategy: setting(choice(['NONE', 'OAUTH', 'BASIC', 'BEARER'], new Map([['oidc', 'OAUTH'] as const])), {
      environment: ['CAMUNDA_AUTH_STRATEGY', 'CAMUNDA_CLIENT_AUTH_METHOD'],
      doc: 'How Quarry proves to Camunda who it is; OAUTH on its own when an OAuth address, client id and client secret are set.',
      example: 'OAUTH',
      default: 'NONE',
    }),
    clientId: optionalSetting(text(), {
      environment: ['ZEEBE_CLIENT_ID', 'CAMUNDA_CLIENT_ID', 'CAMUNDA_CLIENT_AUTH_CLIENTID'],
      doc: 'OAuth client id.',
      example: 'quarry',
    }),
    clientSecret: optionalSetting(text(), {
      environment: ['ZEEBE_CLIENT_SECRET', 'CAMUNDA_CLIENT_SECRET', 'CAMUNDA_CLIENT_AUTH_CLIENTSECRET'],
      doc: 'OAuth client secret.',
      example: '8Qf…',
      secret: 'whole',
    }),
    oauthUrl: optionalSetting(url('https', 'http'), {
      environment: ['CAMUNDA_OAUTH_URL', 'CAMUNDA_CLIENT_AUTH_TOKENURL'],
      doc: 'Where OAuth tokens are fetched.',
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
      doc: 'Audience of the OAuth token.',
      example: 'zeebe.camunda.io',
    }),
    scope: optionalSetting(text(), {
      environment: ['CAMUNDA_TOKEN_SCOPE', 'CAMUNDA_CLIENT_AUTH_SCOPE'],
      doc: 'Scope of the OAuth token, where the provider wants one.',
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
      example: 'h4rd-t0-guess',
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
    const needed = {
      NONE: [],
      OAUTH: ['clientId', 'clientSecret', 'oauthUrl'],
      BASIC: ['username', 'password'],
      BEARER: ['token'],
    } as const
    for (const name of needed[value.strategy]) {
      if (value[name] !== undefined) continue
      context.addIssue({ code: 'custom', path: [name], message: `needed by the strategy ${value.strategy}` })
    }
  })

const tls = z
  .strictObject({
    rootCertPath: optionalSetting(text(), {
      environment: ['CAMUNDA_CUSTOM_ROOT_CERT_PATH', 'CAMUNDA_CLIENT_CACERTIFICATEPATH'],
      doc: 'PEM file of the certificate authority that signed the gateway certificate.',
      example: '/etc/quarry/ca.pem',
    }),
    certChainPath: optionalSetting(text(), {
      environment: ['CAMUNDA_CUSTOM_CERT_CHAIN_PATH'],
      doc: 'PEM file of the client certificate chain, for mutual TLS.',
      example: '/etc/quarry/client.pem',
    }),
    privateKeyPath: optionalSetting(text(), {
      environment: ['CAMUNDA_CUSTOM_PRIVATE_KEY_PATH'],
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

/** How Quarry reaches Camunda. */
export const zeebeSettings = z.strictObject({
  grpcAddress: setting(gatewayAddress(), {
    environment: ['ZEEBE_GRPC_ADDRESS', 'ZEEBE_ADDRESS', 'CAMUNDA_CLIENT_GRPCADDRESS'],
    doc: "Zeebe's gRPC gateway; grpc:// and http:// are plaintext, grpcs:// and https:// are TLS.",
    example: 'grpcs://zeebe.example.com:443',
    default: 'grpc://localhost:26500',
  }),
  restAddress: optionalSetting(url('http', 'https'), {
    environment: ['ZEEBE_REST_ADDRESS', 'CAMUNDA_REST_ADDRESS', 'CAMUNDA_CLIENT_RESTADDRESS'],
    doc: "Camunda's REST API, for documents and process definitions.",
    example: 'http://localhost:8080',
    secret: 'credentials',
  }),
  tenantIds: setting(list(text(), { minimum: 1 }), {
    environment: ['CAMUNDA_TENANT_ID', 'CAMUNDA_CLIENT_WORKER_DEFAULTS_TENANTIDS'],
    doc: 'Tenants whose jobs are taken, with commas between them.',
    example: '<default>,tenant-a',
    default: '<default>',
  }),
  auth,
  tls,
})
