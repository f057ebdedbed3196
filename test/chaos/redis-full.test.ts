// A Redis that has no memory left, in mid-run: it refuses whatever would take more.
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { startRedisServer } from './redis-server.ts'
import { startScenario } from './scenario.ts'
import { scaled } from './seed.ts'
import { printTally, tally } from './tally.ts'
import { waitFor } from './wait-for.ts'

it('a full Redis: jobs wait and none is lost, no process retries in a tight loop, and readiness fails', async (test) => {
  const server = await startRedisServer({ appendOnly: false })
  test.onTestFinished(server.stop)
  const redis = new Redis(server.url)
  test.onTestFinished(() => redis.disconnect())
  const wanted = scaled(140, 60)
  const fullMs = scaled(20_000, 8_000)
  const { fleet, standIn, instances } = await startScenario(test, {
    places: { adapter: 1, bedrock: 2 },
    // A job that was in no lane would come back after five minutes only.
    env: { REDIS_URL: server.url, QUARRY_DEFAULT_RPM: '1200', QUARRY_LANE_CONCURRENCY: '20' },
    sim: { latency: { kind: 'lognormal', medianMs: 1_500, sigma: 0.5 } },
  })
  await instances.start(wanted)
  await waitFor('a quarter was called', () => standIn.calls().length >= wanted / 4)
  const lines = () => fleet.running().map(({ quarry }) => quarry.log.length)
  const before = lines()
  const refusedBefore = await errorReplies(redis)
  await redis.config('SET', 'maxmemory', '1')
  const fullAt = performance.now()
  await waitFor('nobody is ready', async () => {
    const ready = await Promise.all(fleet.running().map(({ quarry }) => quarry.isReady()))
    return ready.every((each) => !each)
  })
  const health = await fleet.running()[0]?.quarry.get('/health/ready')
  await sleep(Math.max(0, fullMs - (performance.now() - fullAt)))
  const refused = (await errorReplies(redis)) - refusedBefore
  await redis.config('SET', 'maxmemory', '0')
  const logged = lines().map((count, index) => count - (before[index] ?? 0))
  const isThrough = await instances.ended(60_000)
  await fleet.ready()
  const counted = await tally(instances, standIn)
  printTally(`Redis full for ${fullMs / 1_000} s`, counted, {
    'commands refused': refused,
    'lines of log, of one process at the most': Math.max(...logged),
    'seconds after it': Math.round((performance.now() - fullAt - fullMs) / 1_000),
  })
  expect(fleet.crashes).toEqual([])
  expect(isThrough).toBe(true)
  expect(counted).toMatchObject({ completed: counted.started, lost: 0, incidents: 0, failures: 0 })
  expect(counted.calls).toBe(counted.started)
  expect(health).toMatchObject({ status: 503, text: expect.stringMatching(/it is full \(maxmemory\)/) })
  // Some for each job that is under way, some for each loop of each process.
  expect(refused).toBeLessThan(2_000)
  expect(Math.max(...logged)).toBeLessThanOrEqual(3)
})

async function errorReplies(redis: Redis): Promise<number> {
  return Number(/total_error_replies:(\d+)/.exec(await redis.info('stats'))?.[1] ?? 0)
}
