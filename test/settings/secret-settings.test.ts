// Settings of connector secrets: those that depend on other settings, and the prefix, which may be empty.
import { describe, expect, it } from 'vitest'
import type { Line } from '../../src/job/line.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { filterMode, secretNotices } from '../../workers/secret-rules.ts'
import { settingsProblems } from './settings-problems.ts'

const settingsOf = (env: Record<string, string>) => loadSettings({ env }).settings
const MODE = 'CAMUNDA_CONNECTOR_SECRETRESOLVER_SECRETFILTER_MODE'
const PREFIX = 'CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_PREFIX'
const CONSOLE = 'CAMUNDA_CONNECTOR_SECRETPROVIDER_CONSOLE_ENABLED'

const noticesOf = (env: Record<string, string>, line: Line = '8.9') => secretNotices(settingsOf(env), line)
const notices = (env: Record<string, string>, line?: Line) =>
  noticesOf(env, line).map(({ message }) => message)

describe('the secret filter', () => {
  it('is read under both spellings of the runtime’s property', () => {
    const legacy = { CAMUNDA_CONNECTOR_SECRET_RESOLVER_SECRET_FILTER_MODE: 'disabled' }
    expect(settingsOf(legacy).secrets.filter.mode).toBe('DISABLED')
  })

  it('is strict without the REST API, with a warning of the consequence at start', () => {
    expect(filterMode(settingsOf({}), '8.9')).toBe('STRICT')
    expect(settingsProblems({ [MODE]: 'STRICT' })).toEqual([])
    for (const env of [{}, { [MODE]: 'STRICT' }]) {
      expect(noticesOf(env)).toEqual([
        {
          level: 'info',
          message: expect.stringMatching(
            /jobs that use connector secrets fail: .*Set ZEEBE_REST_ADDRESS, or /,
          ),
        },
      ])
    }
  })

  it('that is off causes a warning at start, with the reason', () => {
    const off = (env: Record<string, string>) => noticesOf(env)
    expect(off({ [MODE]: 'LAX' })).toEqual([
      { level: 'warn', message: expect.stringContaining('the address of the REST API is not set') },
    ])
    expect(off({ [MODE]: 'DISABLED', ZEEBE_REST_ADDRESS: 'http://localhost:8080' })).toEqual([
      { level: 'warn', message: expect.stringContaining('_MODE is DISABLED') },
    ])
    expect(notices({ ZEEBE_REST_ADDRESS: 'http://localhost:8080' })).toEqual([])
    expect(notices({ QUARRY_ROLES: 'ops' })).toEqual([])
  })

  it('is off by default with the line 8.8, as recorded, if an operator names it, and not if it is that of the gateway', () => {
    const env = { ZEEBE_REST_ADDRESS: 'http://localhost:8080', [PREFIX]: 'X_' }
    expect(filterMode(settingsOf(env), '8.8')).toBe('STRICT')
    expect(notices(env, '8.8')).toEqual([])
    Object.assign(env, { QUARRY_COMPATIBILITY: '8.8' })
    expect(filterMode(settingsOf(env), '8.8')).toBe('DISABLED')
    expect(notices(env, '8.8')).toEqual([expect.stringContaining('by default with QUARRY_COMPATIBILITY=8.8')])
    expect(notices({ ...env, [MODE]: 'STRICT' }, '8.8')).toEqual([])
  })
})

describe('the prefix of variables that are secrets', () => {
  const rest = { ZEEBE_REST_ADDRESS: 'http://localhost:8080' }

  it('may be empty, with a warning at start', () => {
    expect(settingsOf({ [PREFIX]: '' }).secrets.environment.prefix).toBe('')
    expect(notices({ ...rest, [PREFIX]: '' })).toEqual([expect.stringContaining(PREFIX)])
    const file = { path: 'quarry.yaml', text: 'secrets: { environment: { prefix: "" } }' }
    expect(loadSettings({ env: {}, file }).settings.secrets.environment.prefix).toBe('')
  })

  it('is empty by default for the line 8.8 only', () => {
    expect(notices({ ...rest, [MODE]: 'LAX' }, '8.8')).toHaveLength(1)
    expect(notices(rest, '8.10')).toEqual([])
    expect(notices({ ...rest, [MODE]: 'LAX', [PREFIX]: 'X_' }, '8.8')).toEqual([])
  })
})

it.each([
  ['TRUE', true],
  ['on', true],
  ['yes', true],
  ['1', true],
  ['Off', false],
  ['no', false],
  ['0', false],
])('a switch of the runtime that is %s is %s, as Spring reads it', (word, value) => {
  const env = { CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_TENANTAWARE: word }
  expect(settingsOf(env).secrets.environment.tenantAware).toBe(value)
})

describe('Console', () => {
  it('as a source of secrets needs an OAuth client', () => {
    expect(settingsProblems({ [CONSOLE]: 'true' })).toEqual([
      expect.stringMatching(/_CONSOLE_ENABLED: "true" is not possible without an OAuth client/),
    ])
    const client = {
      CAMUNDA_OAUTH_URL: 'http://localhost/token',
      ZEEBE_CLIENT_ID: 'quarry',
      ZEEBE_CLIENT_SECRET: 'hunter2',
    }
    expect(settingsProblems({ [CONSOLE]: 'true', ...client })).toEqual([])
  })
})

describe('the secrets of a tenant', () => {
  const AWARE = { CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_TENANTAWARE: 'true' }
  const tenants = (...ids: string[]) => ({ ...AWARE, CAMUNDA_TENANT_ID: ids.join(',') })

  it.each([
    ['acme', 'acme_eu'],
    ['acme_eu', 'acme'],
    ['a-b', 'a_b'],
    ['a.b', 'A_B'],
    ['a-b', 'ab'],
    ['acme', 'ACME'],
    ['acme', 'acme-eu'],
    ['acme', 'acme.eu'],
    ['ab', 'a-b_c'],
  ])('cannot be distinguished by variables: %s and %s are refused at start', (one, other) => {
    expect(settingsProblems(tenants('x', one, other))).toEqual([
      expect.stringMatching(
        /_TENANTAWARE: "true" is not possible with the tenants .* could name secrets of /,
      ),
    ])
    // Valid: one such tenant alone, without the switch, or with directories in place of variables.
    expect(settingsProblems(tenants('x', one))).toEqual([])
    expect(settingsProblems({ CAMUNDA_TENANT_ID: `${one},${other}` })).toEqual([])
    const off = {
      CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_ENABLED: 'false',
      QUARRY_SECRETS_DIR: '/secrets',
    }
    expect(settingsProblems({ ...tenants(one, other), ...off })).toEqual([])
  })

  it('are distinguished by variables if no id is the prefix of another', () => {
    expect(settingsProblems(tenants('<default>', 'acme', 'acmeeu', 'eu_acme', 'b'))).toEqual([])
  })

  it('cannot come from Console, which only has those of the whole cluster', () => {
    const client = {
      CAMUNDA_OAUTH_URL: 'http://localhost/token',
      ZEEBE_CLIENT_ID: 'q',
      ZEEBE_CLIENT_SECRET: 'hunter2',
    }
    expect(settingsProblems({ ...tenants('a', 'b'), ...client, [CONSOLE]: 'true' })).toEqual([
      expect.stringMatching(/_CONSOLE_ENABLED: "true" is not possible where secrets are those of tenants/),
    ])
    expect(settingsProblems({ ...tenants('a'), ...client, [CONSOLE]: 'true' })).toEqual([])
  })

  it('that every tenant can use cause a warning if there are several tenants', () => {
    const rest = { ZEEBE_REST_ADDRESS: 'http://localhost:8080' }
    const several = { ...rest, CAMUNDA_TENANT_ID: 'a,b' }
    expect(notices(several)).toEqual([expect.stringContaining('each of them can use the secrets of all')])
    expect(notices({ ...several, ...AWARE })).toEqual([])
    expect(notices({ ...several, ...AWARE, QUARRY_SECRETS_DIR: '/secrets' })).toEqual([])
    const flat = { ...AWARE, QUARRY_SECRETS_DIR: '/secrets', QUARRY_SECRETS_DIR_TENANTAWARE: 'false' }
    expect(notices({ ...several, ...flat })).toEqual([
      expect.stringContaining('QUARRY_SECRETS_DIR_TENANTAWARE=true'),
    ])
  })
})
