// Settings of connector secrets: what depends on other settings, and the prefix that may be set to nothing.
import { describe, expect, it } from 'vitest'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { filterMode, secretNotices } from '../../workers/secrets.ts'
import { settingsProblems } from './settings-problems.ts'

const settingsOf = (env: Record<string, string>) => loadSettings({ env }).settings
const MODE = 'CAMUNDA_CONNECTOR_SECRETRESOLVER_SECRETFILTER_MODE'
const PREFIX = 'CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_PREFIX'
const CONSOLE = 'CAMUNDA_CONNECTOR_SECRETPROVIDER_CONSOLE_ENABLED'

const notices = (env: Record<string, string>) => secretNotices(settingsOf(env)).map(({ message }) => message)

describe('the secret filter', () => {
  it('is read under both spellings of the runtime’s property', () => {
    const legacy = { CAMUNDA_CONNECTOR_SECRET_RESOLVER_SECRET_FILTER_MODE: 'disabled' }
    expect(settingsOf(legacy).secrets.filter.mode).toBe('DISABLED')
  })

  it('is strict without the REST API, and what follows is told at start', () => {
    expect(filterMode(settingsOf({}))).toBe('STRICT')
    expect(settingsProblems({ [MODE]: 'STRICT' })).toEqual([])
    for (const env of [{}, { [MODE]: 'STRICT' }]) {
      expect(secretNotices(settingsOf(env))).toEqual([
        {
          level: 'info',
          message: expect.stringMatching(
            /jobs that use connector secrets fail: .*Set ZEEBE_REST_ADDRESS, or /,
          ),
        },
      ])
    }
  })

  it('that is off is warned of at start, with the reason', () => {
    const off = (env: Record<string, string>) => secretNotices(settingsOf(env))
    expect(off({ [MODE]: 'LAX' })).toEqual([
      { level: 'warn', message: expect.stringContaining('the address of the REST API is not set') },
    ])
    expect(off({ [MODE]: 'DISABLED', ZEEBE_REST_ADDRESS: 'http://localhost:8080' })).toEqual([
      { level: 'warn', message: expect.stringContaining('_MODE is DISABLED') },
    ])
    expect(notices({ ZEEBE_REST_ADDRESS: 'http://localhost:8080' })).toEqual([])
    expect(notices({ QUARRY_ROLES: 'ops' })).toEqual([])
  })

  it('is off by default with compatibility 8.8, as recorded', () => {
    const env = { ZEEBE_REST_ADDRESS: 'http://localhost:8080', [PREFIX]: 'X_', QUARRY_COMPATIBILITY: '8.8' }
    expect(notices(env)).toEqual([expect.stringContaining('by default with compatibility 8.8')])
    expect(notices({ ...env, [MODE]: 'STRICT' })).toEqual([])
  })
})

describe('the prefix of variables that are secrets', () => {
  const rest = { ZEEBE_REST_ADDRESS: 'http://localhost:8080' }

  it('may be set to nothing, which is told at start', () => {
    expect(settingsOf({ [PREFIX]: '' }).secrets.environment.prefix).toBe('')
    expect(notices({ ...rest, [PREFIX]: '' })).toEqual([expect.stringContaining(PREFIX)])
    const file = { path: 'quarry.yaml', text: 'secrets: { environment: { prefix: "" } }' }
    expect(loadSettings({ env: {}, file }).settings.secrets.environment.prefix).toBe('')
  })

  it('is nothing by default with compatibility 8.8 alone', () => {
    expect(notices({ ...rest, [MODE]: 'LAX', QUARRY_COMPATIBILITY: '8.8' })).toHaveLength(1)
    expect(notices({ ...rest, QUARRY_COMPATIBILITY: '8.10' })).toEqual([])
    expect(notices({ ...rest, [MODE]: 'LAX', QUARRY_COMPATIBILITY: '8.8', [PREFIX]: 'X_' })).toEqual([])
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
  it('needs an OAuth client', () => {
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
