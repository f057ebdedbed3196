// A Redis that is full refuses whatever changes anything: commands and the dashboard say so, and what to do.
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { RedisPart } from '../../embedded/part.ts'
import { startEmbeddedRedis } from '../../embedded/redis/start-redis.ts'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import { makeJobStore } from '../../src/ledger/job-store.ts'
import { connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { probeWrites } from '../../src/redis/probe-writes.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { isRefusedByRedis } from '../../src/telemetry/redis-trouble.ts'
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

it('commands and the dashboard name a full Redis, with the remedy', async () => {
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

it('a full Redis is detected without a write, and still stores a paid answer', async () => {
  await client.config('SET', 'maxmemory', '0')
  const jobs = connectRedis({ target: redisAt(redis.url), name: 'test', onError: () => undefined })
  const keys = makeKeys('test-full')
  const store = makeJobStore(jobs, keys)
  const key = jobKey('2251799813685249')
  const accepting = { key, input: 'same', deadlineMs: 1_000, retries: 3, bytes: 10, leaseDueMs: 1_000 }
  const [accepted] = await store.accept([{ ...accepting, lane: LANE as LaneName }])
  const epoch = accepted?.epoch ?? 0
  await store.start(key, epoch, 'worker#1')
  await probeWrites(jobs, keys)
  const before = await client.dbsize()
  await client.config('SET', 'maxmemory', '1')
  const refused = await probeWrites(jobs, keys).catch((error: unknown) => error)
  expect(isRefusedByRedis(refused)).toBe(true)
  const again = await store.start(key, epoch, 'worker#1').catch((error: unknown) => error)
  expect(isRefusedByRedis(again)).toBe(true)
  const answer = { after: 'called', kind: 'completed', outcome: 'paid for', failedTo: null } as const
  expect(await store.answer(key, epoch, answer)).toBe(true)
  expect(await store.readAnswer(key, epoch)).toMatchObject({ outcome: 'paid for' })
  await client.config('SET', 'maxmemory', '0')
  await probeWrites(jobs, keys)
  // Its outbox came, and what is held went with its last member.
  expect(await client.dbsize()).toBeLessThanOrEqual(before)
  jobs.disconnect()
})
