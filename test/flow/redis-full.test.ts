// A Redis that is full refuses whatever changes anything: commands and the dashboard say so, and what to do.
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RedisPart } from '../../embedded/part.ts'
import { startEmbeddedRedis } from '../../embedded/redis/start-redis.ts'
import { runQuarry } from '../cli/run-quarry.ts'
import { environment, startQuarryProcess } from './quarry-process.ts'
import { QUIETLY, redisSource } from './redis-parts.ts'

const LANE = 'default@eu-west-1@m'

let redis: RedisPart
let client: Redis

beforeAll(async () => {
  redis = await startEmbeddedRedis(await redisSource(), QUIETLY)
  client = new Redis(redis.url)
})
afterAll(async () => {
  client?.disconnect()
  await redis?.stop()
})

it('is named by commands and by the dashboard, with what to do', async () => {
  const env = environment({ REDIS_URL: redis.url, QUARRY_ROLES: 'ops' })
  await client.zadd(`${env['QUARRY_REDIS_PREFIX']}:lanes`, Date.now(), LANE)
  const quarry = await startQuarryProcess({ env })
  await quarry.ready()
  await client.config('SET', 'maxmemory', '1')

  const { code, stderr } = await runQuarry(['pause', '--all'], env)
  const { host } = new URL(redis.url)
  expect(stderr).toBe(
    `quarry: Redis at ${host} is full (maxmemory) and takes no changes. Raise maxmemory, or see what else lies there; \`quarry doctor\` tells how full it is.\n`,
  )
  expect(code).toBe(1)

  const paused = await fetch(`${quarry.url}/api/lanes/${encodeURIComponent(LANE)}/pause`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-quarry-request': '1', connection: 'close' },
    body: '{}',
  })
  expect(await paused.json()).toMatchObject({ status: 503, detail: expect.stringMatching(/^Redis is full/) })
  await quarry.stop()
})
