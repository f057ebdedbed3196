import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { describeSettings, EXAMPLE_FILE, settingsPage } from '../../src/settings/describe-settings.ts'
import { listSettings } from '../../src/settings/list-settings.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { FIRST, SECTIONS, sectionsOf } from '../../src/settings/setting-sections.ts'

function rowsFor(env: Record<string, string>) {
  const { settings, sources } = loadSettings({ env })
  return new Map(describeSettings(settings, sources).map((row) => [row.name, row]))
}

it('every setting has a row with its value as it would be written, and its source', () => {
  const rows = rowsFor({ QUARRY_LEASE: 'PT90S', QUARRY_REGIONS: 'us-east-1,eu-west-1' })
  expect([...rows.keys()]).toEqual(listSettings().map((setting) => setting.name))
  expect(rows.get('lease')).toEqual({ name: 'lease', value: 'PT1M30S', source: 'environment QUARRY_LEASE' })
  expect(rows.get('regions')?.value).toBe('us-east-1, eu-west-1')
  expect(rows.get('server.port')).toEqual({ name: 'server.port', value: '9400', source: 'default' })
  expect(rows.get('aws.region')).toEqual({ name: 'aws.region', value: '', source: 'not set' })
})

it('the line that follows the gateway has a hint, since settings alone do not tell it', () => {
  const row = { name: 'compatibility', value: 'auto', source: 'default' }
  expect(rowsFor({}).get('compatibility')).toEqual({ ...row, hint: 'quarry doctor shows the line in force' })
  expect(rowsFor({ QUARRY_COMPATIBILITY: '8.9' }).get('compatibility')).not.toHaveProperty('hint')
})

it('secrets are masked, and credentials inside URLs', () => {
  const key = randomBytes(32).toString('base64')
  const rows = rowsFor({
    QUARRY_PAYLOAD_KEY: key,
    CAMUNDA_OAUTH_TOKEN: 'sesame',
    ZEEBE_CLIENT_SECRET: 'sesame',
    CAMUNDA_BASIC_AUTH_PASSWORD: 'sesame',
    REDIS_URL: 'rediss://bob:sesame@redis:6379/1?password=sesame',
    QUARRY_ENDPOINT_ALLOW: 'https://a,https://bob:sesame@b',
  })
  expect(rows.get('payloadKey')?.value).toBe('***')
  expect(rows.get('redis.url')?.value).toBe('rediss://***@redis:6379/1?password=***')
  expect(rows.get('endpointAllow')?.value).toBe('https://a, https://***@b')
  const text = JSON.stringify([...rows.values()])
  expect(text).not.toContain('sesame')
  expect(text).not.toContain(key)
})

/** Settings that cannot be set together with others. */
const ALTERNATIVES = [
  'QUARRY_REDIS_CLUSTER_NODES',
  'QUARRY_DASHBOARD_USERS_FILE',
  'CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_TENANTAWARE',
]

it('each example is a valid value of its setting', () => {
  const examples = listSettings()
    .filter(({ facts }) => facts.environment.length > 0 && !facts.example.startsWith('"$('))
    .map(({ facts }) => [facts.environment[0] ?? '', facts.example])
  const isOne = ([name = '']: readonly string[]) => ALTERNATIVES.includes(name)
  const others = examples.filter((example) => !isOne(example))
  expect(() => loadSettings({ env: Object.fromEntries(others) })).not.toThrow()
  for (const example of examples.filter(isOne)) {
    expect(() => loadSettings({ env: Object.fromEntries([example]) })).not.toThrow()
  }
})

it('no two settings share an environment variable', () => {
  const names = listSettings().flatMap(({ facts }) => facts.environment)
  expect(new Set(names).size).toBe(names.length)
})

it('the example of the settings page is a valid file', () => {
  expect(
    loadSettings({ env: {}, file: { path: 'example', text: EXAMPLE_FILE } }).settings.quotas,
  ).toHaveLength(2)
})

it('docs/settings.md is up to date with `npm run docs`', async () => {
  const page = await readFile(new URL('../../docs/settings.md', import.meta.url), 'utf8')
  expect(page).toBe(settingsPage())
})

it('each setting is in one section of the page, each section has settings, and the first ten exist', () => {
  const names = listSettings().map(({ name }) => name)
  expect(names.filter((name) => sectionsOf(name).length !== 1)).toEqual([])
  for (const section of SECTIONS)
    for (const each of section.names)
      expect(
        names.some((name) => (each.endsWith('.') ? name.startsWith(each) : name === each)),
        each,
      ).toBe(true)
  expect(FIRST).toHaveLength(10)
  expect(FIRST.filter((name) => !names.includes(name))).toEqual([])
})
