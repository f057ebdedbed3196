import { describe, expect, it } from 'vitest'
import { loadSettings, SettingsError, type SettingsInput } from '../../src/settings/load-settings.ts'

const settingsOf = (env: Record<string, string>) => loadSettings({ env }).settings
const fromFile = (text: string, env: Record<string, string> = {}) =>
  loadSettings({ env, file: { path: 'quarry.yaml', text } })

function problemsOf(input: SettingsInput): readonly string[] {
  try {
    loadSettings(input)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  throw new Error('these settings were accepted')
}

describe('defaults', () => {
  it('an empty environment gives the settings of a local installation', () => {
    expect(settingsOf({})).toEqual({
      zeebe: {
        grpcAddress: 'grpc://localhost:26500',
        tenantIds: ['<default>'],
        auth: { strategy: 'NONE' },
        tls: {},
        mode: 'self-managed',
        cloud: {},
      },
      saas: false,
      jobType: 'io.camunda:aws-bedrock:1',
      redis: { url: 'redis://localhost:6379', tls: { enabled: false }, prefix: 'quarry' },
      aws: {
        accounts: 'sts',
        callTimeoutMs: 600_000,
        streamStallMs: 120_000,
        maxTaskTimeoutMs: 86_400_000,
        httpVersion: 'auto',
      },
      server: { host: '127.0.0.1', port: 9400, healthDetails: 'loopback' },
      dashboard: {
        enabled: 'on',
        trustedProxies: [],
        userHeader: 'X-Forwarded-User',
        groupsHeader: 'X-Forwarded-Groups',
        operators: [],
      },
      roles: ['adapter', 'bedrock', 'ops'],
      leaseMs: 300_000,
      maxWaitMs: 3_600_000,
      jobHistoryMs: 3_600_000,
      readTimeoutMs: 120_000,
      maxSends: 4,
      onOutage: 'wait',
      requestMetadata: 'auto',
      payloadPlaintext: 'refuse',
      payloadOldFormat: 'read',
      allowPlaintext: [],
      quota: {},
      quotas: [],
      compatibility: 'auto',
      templateV1: false,
      maxBacklog: 10_000,
      maxBacklogBytes: 536_870_912,
      maxStarts: 10,
      maxLanes: 500,
      maxTenantShare: 0.5,
      shutdownGraceMs: 25_000,
      secrets: {
        filter: { cacheEnabled: true, cacheMaxSize: 1000 },
        environment: {
          enabled: true,
          tenantAware: false,
          processDefinitionAware: false,
          physicalTenantAware: false,
        },
        console: {
          enabled: false,
          endpoint: 'https://cluster-api.cloud.camunda.io/secrets',
          audience: 'secrets.camunda.io',
        },
      },
      documents: {
        allowHosts: [],
        proxyTrusted: false,
        maxBytes: 52_428_800,
        maxJobBytes: 104_857_600,
        memoryBytes: 268_435_456,
        timeoutMs: 30_000,
        rescue: 'false',
      },
      documentProxy: { http: { scheme: 'http' }, https: { scheme: 'http' } },
      endpointAllow: [],
      feel: { timeoutMs: 2_000, memoryMb: 256 },
      log: { level: 'info', format: 'auto' },
      tracing: {
        exporter: 'off',
        endpoint: 'http://localhost:4318/v1/traces',
        protocol: 'http/protobuf',
        fromVariables: true,
        serviceName: 'quarry',
        sampler: 'parentbased_always_on',
        samplerRatio: '1',
        delayMilliseconds: '5000',
        maxWaiting: '2048',
      },
    })
  })

  it('a variable that is empty or blank counts as unset', () => {
    expect(settingsOf({ QUARRY_PORT: '', REDIS_URL: ' ', QUARRY_PAYLOAD_KEY: '', QUARRY_ROLES: '' })).toEqual(
      settingsOf({}),
    )
  })
})

describe('names', () => {
  it('ZEEBE_GRPC_ADDRESS wins over ZEEBE_ADDRESS, and that over the name of the connector runtime', () => {
    const all = {
      CAMUNDA_CLIENT_GRPCADDRESS: 'http://c:1',
      ZEEBE_ADDRESS: 'b:1',
      ZEEBE_GRPC_ADDRESS: 'grpcs://a:1',
    }
    expect(settingsOf(all).zeebe.grpcAddress).toBe('grpcs://a:1')
    expect(settingsOf({ ...all, ZEEBE_GRPC_ADDRESS: '' }).zeebe.grpcAddress).toBe('grpc://b:1')
    expect(settingsOf({ CAMUNDA_CLIENT_GRPCADDRESS: 'http://c:1' }).zeebe.grpcAddress).toBe('grpc://c:1')
  })

  it('the endpoint of Bedrock wins over the endpoint of all AWS services', () => {
    const env = { AWS_ENDPOINT_URL: 'https://all', AWS_ENDPOINT_URL_BEDROCK_RUNTIME: 'https://bedrock' }
    expect(settingsOf(env).aws.bedrockEndpoint).toBe('https://bedrock')
    expect(settingsOf({ AWS_ENDPOINT_URL: 'https://all' }).aws.bedrockEndpoint).toBe('https://all')
  })

  it('a flag wins over the environment, the environment over the file', () => {
    const file = { path: 'quarry.yaml', text: 'server: { port: 1, host: file }\nmaxBacklog: 7' }
    const { settings, sources } = loadSettings({
      env: { QUARRY_PORT: '2', QUARRY_HOST: 'environment' },
      flags: { port: '3' },
      file,
    })
    expect(settings.server).toEqual({ port: 3, host: 'environment', healthDetails: 'loopback' })
    expect(settings.maxBacklog).toBe(7)
    expect(sources.get('server.port')).toEqual({ kind: 'flag', name: 'port' })
    expect(sources.get('server.host')).toEqual({ kind: 'environment', name: 'QUARRY_HOST' })
    expect(sources.get('maxBacklog')).toEqual({ kind: 'file', path: 'quarry.yaml' })
    expect(sources.get('jobType')).toEqual({ kind: 'default' })
    expect(sources.get('payloadKey')).toEqual({ kind: 'unset' })
  })

  it('an unknown QUARRY_ variable is a problem that names the nearest known one', () => {
    expect(problemsOf({ env: { QUARRY_LANE_CONCURENCY: '5' } })).toEqual([
      'QUARRY_LANE_CONCURENCY: there is no such setting. Did you mean QUARRY_LANE_CONCURRENCY?',
    ])
    expect(problemsOf({ env: { QUARRY_ZZZZZZZZZZ: '5' } })).toEqual([
      'QUARRY_ZZZZZZZZZZ: there is no such setting.',
    ])
  })

  it('the variables of the demo and the tests are known', () => {
    expect(settingsOf({ QUARRY_CACHE: '/tmp', QUARRY_PARTS: 'docker' })).toEqual(settingsOf({}))
  })

  it('the variables Kubernetes adds for a Service named quarry change nothing', () => {
    const links = {
      QUARRY_SERVICE_HOST: '10.0.0.1',
      QUARRY_SERVICE_PORT_HTTP: '9400',
      QUARRY_PORT: 'tcp://10.0.0.1:9400',
      QUARRY_PORT_9400_TCP: 'tcp://10.0.0.1:9400',
      QUARRY_PORT_9400_TCP_ADDR: '10.0.0.1',
      QUARRY_OPS_PORT: 'tcp://10.0.0.2:9400',
    }
    expect(settingsOf(links)).toEqual(settingsOf({}))
  })
})

describe('authentication', () => {
  const client = { CAMUNDA_OAUTH_URL: 'https://login/token', ZEEBE_CLIENT_ID: 'a', ZEEBE_CLIENT_SECRET: 'b' }

  it('is OAUTH when an OAuth client is set and no strategy', () => {
    const { settings, sources } = loadSettings({ env: client })
    expect(settings.zeebe.auth.strategy).toBe('OAUTH')
    expect(sources.get('zeebe.auth.strategy')?.kind).toBe('derived')
  })

  it('stays NONE when the strategy is NONE', () => {
    expect(settingsOf({ ...client, CAMUNDA_AUTH_STRATEGY: 'none' }).zeebe.auth.strategy).toBe('NONE')
  })

  it("takes the connector runtime's word oidc for OAUTH", () => {
    const { ZEEBE_CLIENT_ID: _, ...rest } = client
    const env = { ...rest, CAMUNDA_CLIENT_AUTH_METHOD: 'oidc', CAMUNDA_CLIENT_AUTH_CLIENTID: 'c' }
    expect(settingsOf(env).zeebe.auth).toMatchObject({ strategy: 'OAUTH', clientId: 'c', clientSecret: 'b' })
  })

  it.each([
    ['OAUTH', ['ZEEBE_CLIENT_ID', 'ZEEBE_CLIENT_SECRET', 'CAMUNDA_OAUTH_URL']],
    ['BASIC', ['CAMUNDA_BASIC_AUTH_USERNAME', 'CAMUNDA_BASIC_AUTH_PASSWORD']],
    ['BEARER', ['CAMUNDA_OAUTH_TOKEN']],
  ])('%s without its credentials names each missing variable', (strategy, missing) => {
    const problems = problemsOf({ env: { CAMUNDA_AUTH_STRATEGY: strategy } })
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(missing)
    expect(problems[0]).toContain(`not set, but needed by the strategy ${strategy}`)
  })

  it('a client certificate without its key is a problem', () => {
    expect(problemsOf({ env: { CAMUNDA_CUSTOM_CERT_CHAIN_PATH: 'client.pem' } })).toEqual([
      expect.stringContaining('CAMUNDA_CUSTOM_PRIVATE_KEY_PATH: not set, but needed'),
    ])
  })
})

describe('wrong values', () => {
  it.each([
    ['QUARRY_PORT', '65536', '"65536" is not a whole number from 0 to 65535'],
    ['QUARRY_PORT', '-1', 'is not a whole number'],
    ['QUARRY_PORT', '80.5', 'is not a whole number'],
    ['QUARRY_PORT', '0x50', 'is not a whole number'],
    ['QUARRY_DEFAULT_RPM', '0', 'is not a whole number from 1 up'],
    ['QUARRY_DEFAULT_TPM', '1.5', 'is not a whole number from 1 up'],
    ['QUARRY_LEASE', '5m', 'is not an ISO-8601 duration'],
    ['QUARRY_LEASE', 'PT0S', 'above zero'],
    ['QUARRY_LEASE', '-PT5M', 'above zero'],
    ['QUARRY_MAX_WAIT', 'P366D', 'up to P365D'],
    ['QUARRY_COMPATIBILITY', '8.7', 'is not one of auto, 8.8, 8.9, 8.10'],
    ['QUARRY_ROLES', 'adapter,bedrok', '"bedrok" is not one of adapter, bedrock, ops'],
    ['QUARRY_REGIONS', ',', 'is not a list of at least one value'],
    ['QUARRY_REGIONS', 'US EAST', 'is not an AWS region'],
    [
      'QUARRY_DOCUMENT_ALLOW_HOSTS',
      'a.example.com,http://b.example.com',
      '"http://b.example.com" is not a host',
    ],
    ['QUARRY_DOCUMENT_ALLOW_HOSTS', '*', 'is not a host'],
    ['QUARRY_DOCUMENT_ALLOW_HOSTS', 'a.example.com:70000', 'is not a host'],
    ['QUARRY_DOCUMENT_RESCUE', 'yes', 'is not one of true, false'],
    ['REDIS_URL', 'localhost:6379', 'is not a URL that starts with redis:// or rediss://'],
    ['AWS_ENDPOINT_URL', 'bedrock.example.com', 'is not a URL that starts with https:// or http://'],
    ['ZEEBE_ADDRESS', 'ftp://zeebe:26500', 'is not an address'],
    ['LOG_LEVEL', 'loud', 'is not one of trace, debug'],
    ['CAMUNDA_AUTH_STRATEGY', 'constructor', 'is not one of NONE, OAUTH, BASIC, BEARER'],
  ])('%s=%s: the message gives the fault and a valid example', (name, value, problem) => {
    const [message, ...others] = problemsOf({ env: { [name]: value } })
    expect(others).toEqual([])
    expect(message).toMatch(new RegExp(`^${name}: `))
    expect(message).toContain(problem)
    expect(message).toContain(`For example: ${name}=`)
  })

  it('are all reported in one message', () => {
    expect(() => loadSettings({ env: { QUARRY_PORT: 'x', QUARRY_LEASE: 'y', QUARRY_NO: 'z' } })).toThrow(
      /^There are 3 problems in the settings:\n {2}- QUARRY_NO.*\n {2}- QUARRY_PORT.*\n {2}- QUARRY_LEASE/,
    )
  })

  it('of a flag are reported under its name', () => {
    expect(problemsOf({ env: {}, flags: { port: 'x' } })[0]).toMatch(
      /^--port: "x".*For example: --port 9400$/,
    )
  })

  it('of a secret are not shown, nor is the password in a URL', () => {
    const env = {
      QUARRY_PAYLOAD_KEY: 'sesame-1',
      REDIS_URL: 'http://bob:sesame-2@ho/st@redis:6379?password=sesame-3',
    }
    const problems = problemsOf({
      env,
      file: { path: 'q.yaml', text: 'aws: { bedrockEndpoint: [a:sesame-4@b] }' },
    })
    expect(problems).toHaveLength(3)
    expect(problems.join('\n')).not.toContain('sesame')
    expect(problems.join('\n')).toContain(
      'QUARRY_PAYLOAD_KEY: its value (not shown) is not 32 bytes in base64',
    )
  })
})

describe('the file', () => {
  it('has settings by name, durations without a unit in the name, lists in either form', () => {
    const { settings } = fromFile(`
      lease: PT1M
      aws: { callTimeout: PT2M }
      roles: [adapter, ops]
      regions: us-east-1, eu-central-1
      log:
      quotas:
        - { region: us-east-1, model: "anthropic.*", requestsPerMinute: 600, tokensPerMinute: 200000 }
        - requestsPerMinute: 10
    `)
    expect(settings.leaseMs).toBe(60_000)
    expect(settings.aws.callTimeoutMs).toBe(120_000)
    expect(settings.roles).toEqual(['adapter', 'ops'])
    expect(settings.regions).toEqual(['us-east-1', 'eu-central-1'])
    expect(settings.quotas).toEqual([
      { region: 'us-east-1', model: 'anthropic.*', requestsPerMinute: 600, tokensPerMinute: 200_000 },
      { requestsPerMinute: 10 },
    ])
  })

  it('keeps a version that looks like a number', () => {
    expect(fromFile('compatibility: 8.10').settings.compatibility).toBe('8.10')
  })

  it.each(['', '# nothing yet\n', '---\n'])('may be empty: %j', (text) => {
    expect(fromFile(text).settings).toEqual(settingsOf({}))
  })

  it.each([
    [
      'laneConcurency: 5',
      'laneConcurency in quarry.yaml: there is no such setting. Did you mean laneConcurrency?',
    ],
    ['port: 5', 'port in quarry.yaml: there is no such setting. Did you mean server.port?'],
    ['redsi: { url: x }', 'redsi in quarry.yaml: there is no such setting. Did you mean redis?'],
    ['leaseMs: 5', 'leaseMs in quarry.yaml: there is no such setting. Did you mean lease?'],
    ['server: 5', 'server in quarry.yaml: expected `name: value` lines here.'],
    ['- 5', 'The content in quarry.yaml: expected `name: value` lines here.'],
    ['a: 1\nb: [', 'quarry.yaml, line 2: not YAML: '],
    ['lease: PT1M\nlease: PT2M', 'quarry.yaml, line 2: not YAML: Map keys must be unique.'],
    ['lease: 5', 'lease in quarry.yaml: "5" is not an ISO-8601 duration'],
    ['redis: { url: [] }', 'redis.url in quarry.yaml: [] is not a URL'],
    ['quotas: 5', 'quotas in quarry.yaml: "5" is not a list of entries'],
    ['quotas: [{ rpm: 5, requestsPerMinute: 1 }]', 'quotas[0] in quarry.yaml: there is no rpm in an entry'],
    [
      'quotas: [{ region: a }]',
      'quotas[0] in quarry.yaml: {"region":"a"} is not an entry with requestsPerMinute',
    ],
    [
      'quotas: [{ tokensPerMinute: 0 }]',
      'quotas[0].tokensPerMinute in quarry.yaml: "0" is not a whole number',
    ],
  ])('%j: the message gives place and fault', (text, problem) => {
    const [message, ...others] = problemsOf({ env: {}, file: { path: 'quarry.yaml', text } })
    expect(message).toContain(problem)
    expect(others).toEqual([])
  })

  it.each(['payloadKey: !sesame', 'payloadKey: *sesame', 'payloadKey: [sesame'])(
    'a secret that breaks the YAML is not shown: %s',
    (text) => {
      const problems = problemsOf({ env: {}, file: { path: 'quarry.yaml', text } })
      expect(problems).toHaveLength(1)
      expect(problems[0]).not.toContain('sesame')
    },
  )
})
