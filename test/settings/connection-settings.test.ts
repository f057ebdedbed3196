import { describe, expect, it } from 'vitest'
import { describeSettings } from '../../src/settings/describe-settings.ts'
import { loadSettings, SettingsError } from '../../src/settings/load-settings.ts'

const load = (env: Record<string, string>) => loadSettings({ env })
const zeebeOf = (env: Record<string, string>) => load(env).settings.zeebe

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    load(env)
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  throw new Error('these settings were accepted')
}

describe('Camunda SaaS', () => {
  const client = { CAMUNDA_CLIENT_ID: 'id', CAMUNDA_CLIENT_SECRET: 'secret' }
  const addresses = {
    mode: 'saas',
    grpcAddress: 'grpcs://abc.bru-2.zeebe.camunda.io:443',
    restAddress: 'https://bru-2.zeebe.camunda.io:443/abc',
    auth: {
      ...{ strategy: 'OAUTH', clientId: 'id', clientSecret: 'secret' },
      ...{ oauthUrl: 'https://login.cloud.camunda.io/oauth/token', audience: 'zeebe.camunda.io' },
    },
  }

  it.each([
    'CAMUNDA_CLIENT_CLOUD_CLUSTERID',
    'CAMUNDA_CLIENT_CLOUD_CLUSTER_ID',
    'CAMUNDA_CLIENT_CLUSTERID',
    'CAMUNDA_CLUSTER_ID',
    'ZEEBE_CLIENT_CLOUD_CLUSTERID',
  ])('%s alone gives all addresses', (name) => {
    const { settings, sources } = load({ ...client, [name]: 'abc' })
    expect(settings.zeebe).toMatchObject(addresses)
    expect(sources.get('zeebe.grpcAddress')).toEqual({
      kind: 'derived',
      because: 'the cluster of Camunda SaaS',
    })
  })

  it('region, domain and port go into the addresses', () => {
    const zeebe = zeebeOf({
      ...client,
      ...{ CAMUNDA_CLIENT_MODE: 'saas', CAMUNDA_CLIENT_CLOUD_CLUSTERID: 'abc' },
      ...{ CAMUNDA_CLIENT_CLOUD_REGION: 'syd-1', CAMUNDA_CLIENT_CLOUD_DOMAIN: 'ultrawombat.com' },
      CAMUNDA_CLIENT_CLOUD_PORT: '8443',
    })
    expect(zeebe.grpcAddress).toBe('grpcs://abc.syd-1.zeebe.ultrawombat.com:8443')
    expect(zeebe.restAddress).toBe('https://syd-1.zeebe.ultrawombat.com:8443/abc')
    expect(zeebe.auth.oauthUrl).toBe('https://login.cloud.ultrawombat.com/oauth/token')
    expect(zeebe.auth.audience).toBe('zeebe.ultrawombat.com')
  })

  it('explicit settings are kept', () => {
    const zeebe = zeebeOf({
      ...client,
      ...{ CAMUNDA_CLUSTER_ID: 'abc', ZEEBE_ADDRESS: 'abc.bru-2.zeebe.camunda.io:443' },
      ...{ ZEEBE_REST_ADDRESS: 'https://proxy', ZEEBE_TOKEN_AUDIENCE: 'mine' },
      ZEEBE_AUTHORIZATION_SERVER_URL: 'https://login.example.com/token',
    })
    expect(zeebe).toMatchObject({
      grpcAddress: 'grpcs://abc.bru-2.zeebe.camunda.io:443',
      restAddress: 'https://proxy',
      auth: { oauthUrl: 'https://login.example.com/token', audience: 'mine' },
    })
  })

  it('is ignored when the mode is self-managed', () => {
    const env = { ...client, CAMUNDA_CLUSTER_ID: 'abc', CAMUNDA_CLIENT_MODE: 'selfManaged' }
    expect(zeebeOf(env)).toMatchObject({
      ...{ mode: 'self-managed', grpcAddress: 'grpc://localhost:26500' },
      auth: { strategy: 'NONE' },
    })
  })

  it('without a cluster or a client names the missing variable', () => {
    expect(problemsOf({ ...client, CAMUNDA_CLIENT_MODE: 'saas' })).toEqual([
      expect.stringMatching(/^CAMUNDA_CLIENT_CLOUD_CLUSTERID: not set, but needed by the mode saas/),
    ])
    expect(problemsOf({ CAMUNDA_CLUSTER_ID: 'abc' }).map((problem) => problem.split(':')[0])).toEqual([
      'ZEEBE_CLIENT_ID',
      'ZEEBE_CLIENT_SECRET',
    ])
  })
})

describe('the strategy of authentication', () => {
  it('is BASIC if user name and password are set', () => {
    const env = { CAMUNDA_CLIENT_AUTH_USERNAME: 'demo', CAMUNDA_CLIENT_AUTH_PASSWORD: 'demo' }
    expect(zeebeOf(env).auth.strategy).toBe('BASIC')
    expect(zeebeOf({ ...env, CAMUNDA_CLIENT_AUTH_METHOD: 'none' }).auth.strategy).toBe('NONE')
  })

  it('is OAUTH with an issuer instead of a token endpoint', () => {
    const auth = zeebeOf({
      ...{ CAMUNDA_CLIENT_AUTH_CLIENTID: 'a', CAMUNDA_CLIENT_AUTH_CLIENT_SECRET: 'b' },
      CAMUNDA_CLIENT_AUTH_ISSUERURL: 'https://login/realms/camunda',
    }).auth
    expect(auth).toMatchObject({ strategy: 'OAUTH', audience: 'zeebe-api' })
    expect(auth.oauthUrl).toBeUndefined()
  })
})

describe('tenants', () => {
  it.each([
    'CAMUNDA_TENANT_ID',
    'CAMUNDA_CLIENT_WORKER_DEFAULTS_TENANTIDS',
    'CAMUNDA_CLIENT_WORKER_DEFAULTS_TENANT_IDS',
    'CAMUNDA_CLIENT_TENANTIDS',
    'CAMUNDA_CLIENT_TENANTID',
    'ZEEBE_TENANT_ID',
    'ZEEBE_CLIENT_DEFAULTJOBWORKERTENANTIDS',
    'CAMUNDA_DEFAULT_TENANT_ID',
  ])('%s contains one or several', (name) => {
    expect(zeebeOf({ [name]: 'a' }).tenantIds).toEqual(['a'])
    expect(zeebeOf({ [name]: '<default>, a,b' }).tenantIds).toEqual(['<default>', 'a', 'b'])
  })

  it('may be numbered, as Spring takes lists', () => {
    const name = 'CAMUNDA_CLIENT_WORKER_DEFAULTS_TENANTIDS'
    const { settings, warnings } = load({ [`${name}_0`]: 'a', [`${name}_1`]: 'b', [`${name}_3`]: 'd' })
    expect(settings.zeebe.tenantIds).toEqual(['a', 'b'])
    expect(warnings).toEqual([])
  })
})

describe('the lease', () => {
  it.each([
    ['CONNECTOR_AWS_BEDROCK_TIMEOUT', '60000', 60_000],
    ['CONNECTOR_AWS_BEDROCK_TIMEOUT', 'PT1M', 60_000],
    ['CAMUNDA_CLIENT_WORKER_DEFAULTS_TIMEOUT', 'PT1M', 60_000],
    ['CAMUNDA_CLIENT_WORKER_DEFAULTS_TIMEOUT', '90s', 90_000],
    ['CAMUNDA_CLIENT_WORKER_DEFAULTS_TIMEOUT', '2m', 120_000],
    ['CAMUNDA_CLIENT_WORKER_DEFAULTS_TIMEOUT', '1500', 1_500],
  ])('%s=%s is %i ms', (name, value, leaseMs) => {
    expect(load({ [name]: value }).settings.leaseMs).toBe(leaseMs)
  })

  it('QUARRY_LEASE wins, and the connector’s own timeout over the workers’ default', () => {
    const env = { CAMUNDA_CLIENT_WORKER_DEFAULTS_TIMEOUT: 'PT1M', CONNECTOR_AWS_BEDROCK_TIMEOUT: '120000' }
    expect(load(env).settings.leaseMs).toBe(120_000)
    expect(load({ ...env, QUARRY_LEASE: 'PT3M' }).settings.leaseMs).toBe(180_000)
  })

  it.each(['0', '-5', '5 minutes'])('CONNECTOR_AWS_BEDROCK_TIMEOUT=%s is a problem', (value) => {
    expect(problemsOf({ CONNECTOR_AWS_BEDROCK_TIMEOUT: value })[0]).toMatch(
      /^CONNECTOR_AWS_BEDROCK_TIMEOUT: ".*" is not/,
    )
  })

  it('QUARRY_LEASE takes no bare number', () => {
    expect(problemsOf({ QUARRY_LEASE: '60000' })[0]).toContain('is not an ISO-8601 duration')
  })
})

describe('the other switches of the connector runtime', () => {
  it('any value of CAMUNDA_CONNECTOR_RUNTIME_SAAS means yes', () => {
    for (const value of ['true', '1', 'false']) {
      expect(load({ CAMUNDA_CONNECTOR_RUNTIME_SAAS: value }).settings.saas).toBe(true)
    }
    expect(loadSettings({ env: {}, file: { path: 'q', text: 'saas: false' } }).settings.saas).toBe(false)
  })

  it('variables that Quarry does not need give no warning', () => {
    const { warnings } = load({
      ...{ CONNECTOR_OUTBOUND_DISABLED: 'io.camunda:aws-bedrock:1', CONNECTOR_OUTBOUND_ENABLED: 'x' },
      ...{ CAMUNDA_CLIENT_WORKER_DEFAULTS_POLLINTERVAL: 'PT1S', CONNECTOR_INBOUND_DISABLED: 'x' },
      ...{ CAMUNDA_CONNECTOR_POLLING_ENABLED: 'false', CAMUNDA_CONNECTOR_VIRTUALTHREADS_ENABLED: 'true' },
      ...{ CONNECTOR_HTTPJSON_FUNCTION: 'io.camunda.connector.http.rest.HttpJsonFunction' },
      ...{ CAMUNDA_CLIENT_KEEP_ALIVE: 'PT45S', CONNECTOR_AWS_BEDROCK_INPUT_VARIABLES: 'a,b' },
      ...{ CAMUNDA_CLIENT_MODE: 'self-managed', CONNECTOR_HTTPS_PROXY_HOST: 'proxy' },
      CAMUNDA_CLIENT_SERVICE_HOST: '10.0.0.1',
    })
    expect(warnings).toEqual([])
  })

  it('variables without effect give a warning, with the name that may have been meant', () => {
    const { warnings } = load({
      CAMUNDA_CLIENT_GRPCADRESS: 'http://zeebe:26500',
      CAMUNDA_CLIENT_AUTH_KEYSTOREPATH: '/etc/keys.jks',
      CONNECTOR_AWS_BEDROCK_TIMEOT: '5',
    })
    expect(warnings).toEqual([
      'CAMUNDA_CLIENT_GRPCADRESS: Quarry does not read it. Did you mean CAMUNDA_CLIENT_GRPCADDRESS?',
      expect.stringMatching(
        /^CAMUNDA_CLIENT_AUTH_KEYSTOREPATH: Java key stores are not read: give PEM files/,
      ),
      'CONNECTOR_AWS_BEDROCK_TIMEOT: Quarry does not read it. Did you mean CONNECTOR_AWS_BEDROCK_TIMEOUT?',
    ])
  })
})

describe('the way to AWS', () => {
  it('comes from the usual variables, in capitals or not', () => {
    const upper = { HTTPS_PROXY: 'http://a:1', HTTP_PROXY: 'http://b:2', NO_PROXY: 'localhost,.internal' }
    const lower = Object.fromEntries(
      Object.entries(upper).map(([name, value]) => [name.toLowerCase(), value]),
    )
    for (const env of [upper, lower]) {
      expect(loadSettings({ env }).settings.aws).toMatchObject({
        ...{ httpsProxy: 'http://a:1', httpProxy: 'http://b:2', noProxy: 'localhost,.internal' },
      })
    }
  })

  it.each(['http://me:hunter2@proxy:3128', 'me:hunter2@proxy:3128'])('shows no password: %s', (proxy) => {
    const { settings, sources } = loadSettings({ env: { HTTPS_PROXY: proxy, http_proxy: proxy } })
    const rows = describeSettings(settings, sources)
    expect(rows.find(({ name }) => name === 'aws.httpsProxy')?.value).toMatch(/\*\*\*@proxy:3128$/)
    expect(JSON.stringify(rows)).not.toContain('hunter2')
  })

  it('gives a warning for an unsupported kind of proxy, without its password', () => {
    const { warnings } = loadSettings({ env: { https_proxy: 'socks5://me:hunter2@proxy:1080' } })
    expect(warnings).toEqual([expect.stringMatching(/^https_proxy: AWS is not called through it/)])
    expect(warnings.join()).not.toContain('hunter2')
  })

  it.each(['auto', '1.1', '2'])('uses HTTP version %s', (version) => {
    const { settings } = loadSettings({ env: { QUARRY_AWS_HTTP_VERSION: version } })
    expect(settings.aws.httpVersion).toBe(version)
  })
})
