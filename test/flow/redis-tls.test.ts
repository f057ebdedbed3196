// Redis over TLS with a client certificate, as an ACL user that may do no more than Quarry needs.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RedisPart } from '../../embedded/part.ts'
import { startEmbeddedRedis } from '../../embedded/redis/start-redis.ts'
import { type Authority, makeAuthority } from '../camunda/certificates.ts'
import { callsOf, environment, startQuarryProcess, until } from './quarry-process.ts'
import { converseInputs, startQuarry } from './quarry-under-test.ts'
import { QUIETLY, redisSource } from './redis-parts.ts'

/** What docs/redis.md tells people to grant, for the prefixes of the tests. */
const RIGHTS = aclOf(readFileSync(new URL('../../docs/redis.md', import.meta.url), 'utf8'))
const USER = 'quarry'
const PASSWORD = 'pa:ss/w@rd'

function aclOf(page: string): string[] {
  const [, line = ''] = /An ACL user\*\* needs `([^`]*)`/.exec(page) ?? []
  return line.replaceAll('<prefix>:*', 'test-*').split(' ')
}

let authority: Authority
let redis: RedisPart
let url: string
let files: Record<string, string>

beforeAll(async () => {
  authority = await makeAuthority('Redis')
  const [server, client] = await Promise.all([authority.issue('server'), authority.issue('client')])
  const tls = (port: number) => [
    ...[
      '--tls-port',
      String(port + 1),
      '--tls-auth-clients',
      'yes',
      '--tls-ca-cert-file',
      authority.certFile,
    ],
    ...['--tls-cert-file', server.certFile, '--tls-key-file', server.keyFile],
  ]
  redis = await startEmbeddedRedis(await redisSource(), { ...QUIETLY, args: tls })
  url = `rediss://localhost:${Number(new URL(redis.url).port) + 1}`
  files = {
    QUARRY_REDIS_CA_FILE: authority.certFile,
    QUARRY_REDIS_CERT_FILE: client.certFile,
    QUARRY_REDIS_KEY_FILE: client.keyFile,
  }
  const admin = new Redis(redis.url)
  await admin.acl('SETUSER', USER, 'on', `>${PASSWORD}`, ...RIGHTS)
  await admin.acl('SETUSER', 'default', 'resetpass', '>only-the-admin-knows')
  admin.disconnect()
})
afterAll(async () => {
  await redis?.stop()
  await authority?.remove()
})

describe('Redis over TLS', () => {
  it('runs jobs as an ACL user with a client certificate', async () => {
    const access = { QUARRY_REDIS_USERNAME: USER, QUARRY_REDIS_PASSWORD: PASSWORD }
    const quarry = await startQuarry({ REDIS_URL: url, ...files, ...access })
    try {
      const model = `nova@${randomUUID()}`
      const id = await quarry.deploy({ inputs: converseInputs(model) })
      await Promise.all(Array.from({ length: 5 }, () => quarry.run(id)))
      expect(await callsOf(model)).toHaveLength(5)
      await until('it is ready', async () => quarry.process.ready())
      // CONFIG is forbidden to this user, as managed services do: INFO tells the policy, nothing the snapshots.
      const health = await (await fetch(`${quarry.process.url}/health`)).text()
      expect(health).toMatch(/Redis \d+\.\S+, noeviction, persistence unknown/)
    } finally {
      await quarry.stop()
    }
  })

  it('gives in readiness the reason of a failed connection', async () => {
    const env = environment({ REDIS_URL: url, ...files, QUARRY_REDIS_PASSWORD: 'wrong' })
    const quarry = await startQuarryProcess({ env })
    await until('the reason is there', async () => (await quarry.get('/health')).text.includes('WRONGPASS'))
    expect(quarry.output()).not.toContain('"wrong"')
    expect((await quarry.get('/health/ready')).status).toBe(503)
    await quarry.stop()
  })
})
