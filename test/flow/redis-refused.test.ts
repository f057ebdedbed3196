// A Redis that would evict jobs is refused: at start by ending the process, later by not being ready.
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RedisPart } from '../../embedded/part.ts'
import { startEmbeddedRedis } from '../../embedded/redis/start-redis.ts'
import { environment, startQuarryProcess, until } from './quarry-process.ts'
import { QUIETLY, redisSource } from './redis-parts.ts'

let redis: RedisPart
let client: Redis

beforeAll(async () => {
  redis = await startEmbeddedRedis(await redisSource(), {
    ...QUIETLY,
    args: ['--maxmemory', '64mb', '--maxmemory-policy', 'allkeys-lru'],
  })
  client = new Redis(redis.url)
})
afterAll(async () => {
  client?.disconnect()
  await redis?.stop()
})

it('a process ends at start if Redis evicts keys, with the remedy', async () => {
  const quarry = await startQuarryProcess({ env: environment({ REDIS_URL: redis.url }) })
  expect(await quarry.ended).toMatchObject({ code: 1 })
  const { host } = new URL(redis.url)
  expect(quarry.output()).toContain(
    `quarry: Redis at ${host} has maxmemory-policy allkeys-lru: it would evict jobs when memory is short. Set maxmemory-policy noeviction there`,
  )
  expect(await client.dbsize()).toBe(0)
})

it('a process is unready while Redis evicts keys that did not at start', async () => {
  await client.config('SET', 'maxmemory-policy', 'noeviction')
  const quarry = await startQuarryProcess({ env: environment({ REDIS_URL: redis.url }) })
  await quarry.ready()
  await client.config('SET', 'maxmemory-policy', 'volatile-ttl')
  // A new connection is a new look, as after a failover.
  await client.call('CLIENT', 'KILL', 'TYPE', 'normal')
  await until('it is not ready', async () => (await quarry.get('/health/ready')).status === 503)
  expect((await quarry.get('/health/ready')).text).toContain('has maxmemory-policy volatile-ttl')
  await client.config('SET', 'maxmemory-policy', 'noeviction')
  await quarry.ready()
  await quarry.logged('redis refused')
  expect(await quarry.stop()).toMatchObject({ code: 0 })
})
