import { describe, expect, it } from 'vitest'
import { loadSettings, SettingsError } from '../../src/settings/load-settings.ts'
import { redisTarget } from '../../workers/redis.ts'

const targetOf = (env: Record<string, string>) => redisTarget(loadSettings({ env }).settings)

function problemsOf(env: Record<string, string>): string {
  try {
    loadSettings({ env })
  } catch (error) {
    if (error instanceof SettingsError) return error.problems.join('\n')
    throw error
  }
  throw new Error('these settings were accepted')
}

describe('the Redis settings', () => {
  it('mean a single server by default', () => {
    expect(targetOf({ REDIS_URL: 'redis://redis:6379/2' })).toMatchObject({
      place: { kind: 'standalone', url: 'redis://redis:6379/2' },
      tls: null,
    })
  })

  it('turn on TLS by the URL', () => {
    expect(targetOf({ REDIS_URL: 'rediss://redis:6379' }).tls).toEqual({})
  })

  it('take a Cluster by some of its nodes', () => {
    const env = { QUARRY_REDIS_CLUSTER_NODES: 'a:7000, [fd00::1]:7001,c', QUARRY_REDIS_USERNAME: 'quarry' }
    expect(targetOf({ ...env, QUARRY_REDIS_PASSWORD: 'geheim' })).toEqual({
      place: {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 7000 },
          { host: 'fd00::1', port: 7001 },
          { host: 'c', port: 6379 },
        ],
      },
      username: 'quarry',
      password: 'geheim',
      tls: null,
    })
  })

  it('take a master through Sentinels, both over TLS', () => {
    const env = {
      QUARRY_REDIS_SENTINELS: 's-0,s-1:26380',
      QUARRY_REDIS_SENTINEL_MASTER: 'mymaster',
      QUARRY_REDIS_SENTINEL_PASSWORD: 'geheim',
      QUARRY_REDIS_TLS: 'true',
      QUARRY_REDIS_TLS_SERVER_NAME: 'redis.example.com',
    }
    expect(targetOf(env)).toMatchObject({
      place: {
        kind: 'sentinel',
        sentinels: [
          { host: 's-0', port: 26_379 },
          { host: 's-1', port: 26_380 },
        ],
        master: 'mymaster',
        password: 'geheim',
      },
      tls: { servername: 'redis.example.com' },
    })
  })
})

describe('contradicting settings are reported', () => {
  it.each([
    [
      { QUARRY_REDIS_CLUSTER_NODES: 'a', QUARRY_REDIS_SENTINELS: 'b', QUARRY_REDIS_SENTINEL_MASTER: 'm' },
      /set one of the two/,
    ],
    [
      { QUARRY_REDIS_SENTINELS: 'a' },
      /QUARRY_REDIS_SENTINEL_MASTER: not set, but needed, as Sentinels are set/,
    ],
    [{ QUARRY_REDIS_SENTINEL_MASTER: 'm' }, /QUARRY_REDIS_SENTINELS: not set, but needed/],
    [{ QUARRY_REDIS_CLUSTER_NODES: 'redis://a:1' }, /"redis:\/\/a:1" is not a host and a port such as/],
    [{ QUARRY_REDIS_CLUSTER_NODES: 'a:70000' }, /a host and a port/],
    [
      { REDIS_URL: 'rediss://a', QUARRY_REDIS_CERT_FILE: 'c.pem' },
      /QUARRY_REDIS_KEY_FILE: not set, but needed/,
    ],
    [{ QUARRY_REDIS_CA_FILE: 'ca.pem' }, /without TLS: set REDIS_URL with rediss:\/\//],
    [
      { QUARRY_REDIS_CLUSTER_NODES: 'a', QUARRY_REDIS_CA_FILE: 'ca.pem' },
      /without TLS: set QUARRY_REDIS_TLS=true/,
    ],
    [{ QUARRY_REDIS_TLS: 'true' }, /write rediss:\/\/ there/],
  ])('%o', (env: Record<string, string>, message) => {
    expect(problemsOf(env)).toMatch(message)
  })

  it('a certificate file that is not there is named with its setting', () => {
    const env = { REDIS_URL: 'rediss://a', QUARRY_REDIS_CA_FILE: '/not/there.pem' }
    expect(() => targetOf(env)).toThrow('/not/there.pem cannot be read (ENOENT). Check QUARRY_REDIS_CA_FILE.')
  })
})
