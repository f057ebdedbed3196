// What is said of settings of the stock connector runtime, of misspelt names, and of values that serve nothing.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { listSettings } from '../../src/settings/list-settings.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { DIFFERENT } from '../../src/settings/stock-settings.ts'

const warningsOf = (env: Record<string, string>, flags = {}) => loadSettings({ env, flags }).warnings
const KNOWN = new Set(listSettings().flatMap(({ facts }) => [...facts.environment, ...(facts.aliases ?? [])]))
/** Read by Node itself. */
const OF_NODE = ['NODE_EXTRA_CA_CERTS']

describe('a setting of the stock runtime that means something else here', () => {
  it.each([
    ['CAMUNDA_CLIENT_WORKER_DEFAULTS_MAXJOBSACTIVE', '5', 'QUARRY_LANE_CONCURRENCY'],
    ['CAMUNDA_CLIENT_WORKER_DEFAULTS_MAX_JOBS_ACTIVE', '5', 'QUARRY_LANE_CONCURRENCY'],
    ['CAMUNDA_CLIENT_EXECUTIONTHREADS', '5', 'QUARRY_LANE_CONCURRENCY'],
    ['ZEEBE_CLIENT_WORKER_MAX_JOBS_ACTIVE', '5', 'QUARRY_LANE_CONCURRENCY'],
    ['CAMUNDA_CLIENT_WORKER_DEFAULTS_TENANTFILTER', 'ASSIGNED', 'CAMUNDA_TENANT_ID'],
    ['CAMUNDA_CLIENT_WORKER_OVERRIDE_AWSBEDROCK_TIMEOUT', 'PT1M', 'CONNECTOR_AWS_BEDROCK_TIMEOUT'],
    ['CONNECTOR_HTTP_CLIENT_MAX_BODY_SIZE', '1000', 'QUARRY_DOCUMENT_MAX_BYTES'],
    ['CAMUNDA_CONNECTOR_VALIDATION_HOSTS_UNSAFEALLOWLOOPBACK', 'true', 'QUARRY_DOCUMENT_ALLOW_HOSTS'],
    ['CAMUNDA_CONNECTOR_SECRETRESOLVER_LEGACY_MODE', 'FALLBACK', 'camunda.secrets.NAME'],
    ['CAMUNDA_CONNECTOR_SECRETRESOLVER_LEGACY_MODE', 'OFF', '_ENVIRONMENT_ENABLED=false'],
    ['CAMUNDA_CONNECTOR_SECRETPROVIDER_DISCOVERY_ENABLED', 'true', 'QUARRY_SECRETS_DIR'],
    ['JAVAX_NET_SSL_TRUSTSTORE', '/etc/trust.jks', 'CAMUNDA_CUSTOM_ROOT_CERT_PATH'],
    ['JAVA_TOOL_OPTIONS', '-Xmx1g -Dhttps.proxyHost=proxy', 'HTTPS_PROXY'],
    ['SPRING_APPLICATION_JSON', '{}', 'docs/settings.md'],
    ['MANAGEMENT_SERVER_PORT', '9080', 'QUARRY_PORT'],
    ['LOGGING_LEVEL_ROOT', 'DEBUG', 'LOG_LEVEL'],
    ['AWS_MAX_ATTEMPTS', '10', 'QUARRY_MAX_SENDS'],
    [
      'CONNECTOR_SECOND_FUNCTION',
      'io.camunda.connector.aws.bedrock.BedrockConnectorFunction',
      'CONNECTOR_AWS_BEDROCK_TYPE',
    ],
  ])('%s=%s is named with what to do', (name, value, instead) => {
    const warnings = warningsOf({ [name]: value })
    expect(warnings).toEqual([expect.stringContaining(instead)])
    expect(warnings[0]).toMatch(new RegExp(`^${name}: `))
  })

  it.each([
    ['CAMUNDA_CLIENT_WORKER_DEFAULTS_TENANTFILTER', 'PROVIDED'],
    ['CAMUNDA_CONNECTOR_SECRETRESOLVER_LEGACY_MODE', 'ON'],
    ['CAMUNDA_CONNECTOR_SECRETPROVIDER_DISCOVERY_ENABLED', 'false'],
    ['JAVA_TOOL_OPTIONS', '-Xmx1g'],
    ['CONNECTOR_HTTPJSON_FUNCTION', 'io.camunda.connector.http.rest.HttpJsonFunction'],
  ])('%s=%s means the same', (name, value) => {
    expect(warningsOf({ [name]: value })).toEqual([])
  })

  it('is only answered with settings that exist', () => {
    const named = DIFFERENT.flatMap(({ say }) => say.match(/\b[A-Z]{2,}(?:_[A-Z0-9]+)+\b/g) ?? [])
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter((name) => !KNOWN.has(name) && !OF_NODE.includes(name))).toEqual([])
  })

  it('is in docs/compatibility.md', () => {
    const page = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8')
    const rows = [...page.matchAll(/^\| (`.*`) \| named at start/gm)].map(([, names = '']) => names)
    const variables = rows.flatMap((names) => [...names.matchAll(/`([A-Z_]+)(?:=(\w+))?`/g)])
    expect(variables.length).toBeGreaterThan(12)
    for (const [, name = '', value = '-Dcamunda.'] of variables)
      expect([name, warningsOf({ [name]: value })]).toEqual([name, [expect.stringContaining(name)]])
  })
})

describe('properties', () => {
  it('of the secrets have both spellings of the runtime', () => {
    const prefix = (name: string) =>
      loadSettings({ env: { [name]: 'X_' } }).settings.secrets.environment.prefix
    expect(prefix('CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_PREFIX')).toBe('X_')
    expect(prefix('CAMUNDA_CONNECTOR_SECRET_PROVIDER_ENVIRONMENT_PREFIX')).toBe('X_')
    expect(prefix('camunda.connector.secret-provider.environment.prefix')).toBe('X_')
    expect(prefix('camunda.connector.secretprovider.environment.prefix')).toBe('X_')
  })

  it('may be written with dots, as Spring takes them; variables win', () => {
    const env = {
      'camunda.client.grpc-address': 'http://zeebe:26500',
      'camunda.client.worker.defaults.timeout': '1m',
    }
    const { settings, warnings } = loadSettings({ env })
    expect(settings.zeebe.grpcAddress).toBe('grpc://zeebe:26500')
    expect(settings.leaseMs).toBe(60_000)
    expect(warnings).toEqual([])
    const both = loadSettings({ env: { ...env, CAMUNDA_CLIENT_GRPCADDRESS: 'http://other:26500' } })
    expect(both.settings.zeebe.grpcAddress).toBe('grpc://other:26500')
  })
})

describe('a misspelt name', () => {
  it.each([
    ['ZEEBE_GRPC_ADRESS', 'ZEEBE_GRPC_ADDRESS'],
    ['CAMUNDA_TENANT_IDS', 'CAMUNDA_TENANT_ID'],
    ['REDIS_URI', 'REDIS_URL'],
    ['CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_TENANTAWARD', '_TENANTAWARE'],
  ])('%s is answered with %s', (name, meant) => {
    expect(warningsOf({ [name]: 'x' })).toEqual([expect.stringContaining(meant)])
  })

  it.each([
    ...['AWS_ENDPOINT_URL_SQS', 'AWS_ROLE_ARN', 'AWS_ACCESS_KEY_ID', 'REDIS_HOST', 'REDIS_PORT'],
    ...['CAMUNDA_OPERATE_CLIENT_URL', 'LOG_FILE', 'OTEL_SDK_DISABLED', 'ZEEBE_BROKER_NETWORK_HOST', 'PATH'],
  ])('%s is none', (name) => {
    expect(warningsOf({ [name]: 'x' })).toEqual([])
  })
})

describe('credentials that no connection uses', () => {
  const CLIENT = { ZEEBE_CLIENT_ID: 'quarry', ZEEBE_CLIENT_SECRET: 'hunter2' }

  it('are named, with what is missing, and not shown', () => {
    const warnings = warningsOf(CLIENT)
    expect(warnings).toEqual([
      expect.stringMatching(
        /^ZEEBE_CLIENT_ID and ZEEBE_CLIENT_SECRET are set and not used: .*CAMUNDA_OAUTH_URL/,
      ),
    ])
    expect(warnings.join()).not.toContain('hunter2')
    expect(warningsOf({ CAMUNDA_CLIENT_AUTH_USERNAME: 'demo' })).toEqual([
      expect.stringMatching(
        /^CAMUNDA_CLIENT_AUTH_USERNAME is set and not used: .*a user name and a password/,
      ),
    ])
    expect(warningsOf({ CAMUNDA_OAUTH_TOKEN: 'hunter2' })).toEqual([
      expect.stringContaining('CAMUNDA_AUTH_STRATEGY=BEARER'),
    ])
  })

  it.each([
    ['they are complete', { CAMUNDA_OAUTH_URL: 'https://login/token' }],
    ['no sign-in is chosen', { CAMUNDA_AUTH_STRATEGY: 'NONE' }],
    ['the role does not sign in', { QUARRY_ROLES: 'ops' }],
  ])('give no warning where %s', (_, env) => {
    expect(warningsOf({ ...CLIENT, ...env })).toEqual([])
  })
})

describe('what is no region of AWS', () => {
  it('is named', () => {
    expect(warningsOf({ QUARRY_REGIONS: 'us-east1,eu-west-1' })).toEqual([
      expect.stringMatching(/^QUARRY_REGIONS: us-east1 is no AWS region/),
    ])
    expect(warningsOf({}, { regions: 'frankfurt' })).toEqual([
      expect.stringMatching(/^--regions: frankfurt is/),
    ])
    expect(warningsOf({ AWS_REGION: 'us-east-1a' })).toEqual([
      expect.stringMatching(/^AWS_REGION: us-east-1a is/),
    ])
  })

  it.each(['us-east-1', 'us-gov-west-1', 'ap-southeast-7', 'cn-north-1', 'us-iso-east-1', 'eusc-de-east-1'])(
    '%s is one',
    (region) => {
      expect(warningsOf({ QUARRY_REGIONS: region })).toEqual([])
    },
  )
})
