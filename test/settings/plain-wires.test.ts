// Credentials that settings send unencrypted to other machines are reported, and never shown.
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { plainWires } from '../../src/settings/plain-wires.ts'
import { securityNotices } from '../../workers/start-notices.ts'

const settingsOf = (env: Record<string, string>) => loadSettings({ env }).settings
const wiresOf = (env: Record<string, string>) => plainWires(settingsOf(env)).map(({ wire }) => wire)

const OAUTH = {
  CAMUNDA_OAUTH_URL: 'https://login.example.com/token',
  ZEEBE_CLIENT_ID: 'quarry',
  ZEEBE_CLIENT_SECRET: 'hunter2',
}
const BASIC = { CAMUNDA_BASIC_AUTH_USERNAME: 'demo', CAMUNDA_BASIC_AUTH_PASSWORD: 'hunter2' }
const FAR = { ZEEBE_GRPC_ADDRESS: 'grpc://zeebe.camunda.svc:26500' }

describe('a warning names a credential that goes unencrypted to another machine:', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['a token to the gateway', { ...FAR, ...OAUTH }, ['zeebe']],
    ['a password to the gateway', { ...FAR, ...BASIC }, ['zeebe']],
    ['a bare address is plaintext', { ...BASIC, ZEEBE_GRPC_ADDRESS: 'zeebe:26500' }, ['zeebe']],
    ['a token to the REST API', { ...OAUTH, ZEEBE_REST_ADDRESS: 'http://camunda:8080' }, ['rest']],
    ['a client secret', { ...OAUTH, CAMUNDA_OAUTH_URL: 'http://keycloak:8080/token' }, ['token']],
    [
      'a client secret by a description',
      {
        ...{ ZEEBE_CLIENT_ID: 'quarry', ZEEBE_CLIENT_SECRET: 'hunter2' },
        CAMUNDA_CLIENT_AUTH_ISSUERURL: 'http://keycloak:8080/realms/camunda',
      },
      ['token'],
    ],
    ['a password in the URL of Redis', { REDIS_URL: 'redis://:hunter2@redis:6379' }, ['redis']],
    [
      'a password beside it',
      { REDIS_URL: 'redis://redis:6379', QUARRY_REDIS_PASSWORD: 'hunter2' },
      ['redis'],
    ],
    [
      'a password to Sentinels',
      {
        ...{ QUARRY_REDIS_SENTINELS: 's-0:26379', QUARRY_REDIS_SENTINEL_MASTER: 'm' },
        QUARRY_REDIS_PASSWORD: 'hunter2',
      },
      ['redis'],
    ],
    [
      'a password to a Cluster',
      { QUARRY_REDIS_CLUSTER_NODES: '127.0.0.1:1,redis-0:6379', QUARRY_REDIS_PASSWORD: 'hunter2' },
      ['redis'],
    ],
    ['a password to a proxy', { HTTPS_PROXY: 'http://bob:hunter2@proxy:3128' }, ['proxy']],
    [
      'a password to a proxy for documents',
      {
        ...{ CONNECTOR_HTTPS_PROXY_HOST: 'proxy', CONNECTOR_HTTPS_PROXY_PORT: '3128' },
        ...{ CONNECTOR_HTTPS_PROXY_USER: 'bob', CONNECTOR_HTTPS_PROXY_PASSWORD: 'hunter2' },
      },
      ['proxy'],
    ],
    [
      'headers to a collector',
      {
        ...{ QUARRY_TRACING: 'otlp', OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=hunter2' },
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
      },
      ['tracing'],
    ],
  ])('%s', (_, env, wires) => {
    expect(wiresOf(env)).toEqual(wires)
    const told = securityNotices(settingsOf(env), '8.9').filter(({ message }) =>
      message.includes('unencrypted'),
    )
    expect(told).toEqual([{ level: 'warn', message: expect.stringContaining('QUARRY_ALLOW_PLAINTEXT=') }])
    expect(JSON.stringify(told)).not.toContain('hunter2')
    // An allowed wire gives no warning; the others still do.
    const meant = securityNotices(settingsOf({ ...env, QUARRY_ALLOW_PLAINTEXT: wires.join(',') }), '8.9')
    expect(meant.filter(({ level }) => level === 'warn')).toEqual([])
    const other = wires[0] === 'redis' ? 'zeebe' : 'redis'
    expect(
      securityNotices(settingsOf({ ...env, QUARRY_ALLOW_PLAINTEXT: other }), '8.9').filter(
        ({ level }) => level === 'warn',
      ),
    ).toHaveLength(1)
  })
})

it.each<[string, Record<string, string>]>([
  ['nothing is set', {}],
  [
    'there is no credential',
    { ...FAR, REDIS_URL: 'redis://redis:6379', ZEEBE_REST_ADDRESS: 'http://camunda:8080' },
  ],
  [
    'it is TLS',
    { ...OAUTH, ZEEBE_GRPC_ADDRESS: 'grpcs://zeebe:443', REDIS_URL: 'rediss://:hunter2@redis:6379' },
  ],
  [
    'it stays on this machine',
    { ...BASIC, ZEEBE_GRPC_ADDRESS: 'grpc://127.0.0.1:26500', REDIS_URL: 'redis://:x@[::1]:6379' },
  ],
  ['the role does not send it', { ...FAR, ...OAUTH, QUARRY_ROLES: 'ops' }],
  [
    'nothing is traced',
    { OTEL_EXPORTER_OTLP_HEADERS: 'x=y', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' },
  ],
])('there is no warning when %s', (_, env) => {
  expect(wiresOf(env)).toEqual([])
})

it.each<[Record<string, string>, RegExp]>([
  [
    { QUARRY_PAYLOAD_KEY: randomBytes(32).toString('base64'), QUARRY_PAYLOAD_PLAINTEXT: 'accept' },
    /whoever can write to Redis decides what is called and reported/,
  ],
  [{ QUARRY_PAYLOAD_OLD_FORMAT: 'write' }, /without proof/],
])('a setting for a change-over only causes a warning while it is set: %#', (env, message) => {
  const warned = securityNotices(settingsOf(env), '8.9').filter(({ level }) => level === 'warn')
  expect(warned).toEqual([{ level: 'warn', message: expect.stringMatching(message) }])
})
