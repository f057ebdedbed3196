// Redis that loses everything in mid-run, in two ways, and one that dies and keeps its data.
import { describe, expect, it } from 'vitest'
import { strikeAndCount, unexplained } from './in-flight.ts'
import { type RedisServer, startRedisServer } from './redis-server.ts'
import { startScenario, type TestEnd } from './scenario.ts'
import { scaled } from './seed.ts'
import { printTally, type Tally, tally } from './tally.ts'
import { waitFor } from './wait-for.ts'

const LEASE = 'PT10S'

interface Loss {
  readonly title: string
  readonly appendOnly: boolean
  readonly strike: (redis: RedisServer) => Promise<void>
}

/** Runs instances, strikes when a third of them was called, and waits for the end. */
async function run(test: TestEnd, loss: Loss): Promise<{ counted: Tally; again: string[] }> {
  const redis = await startRedisServer({ appendOnly: loss.appendOnly })
  test.onTestFinished(redis.stop)
  const wanted = scaled(200, 40)
  const { fleet, standIn, instances } = await startScenario(test, {
    places: { 'adapter,bedrock': 2 },
    env: { REDIS_URL: redis.url, QUARRY_LEASE: LEASE, QUARRY_DEFAULT_RPM: '600' },
    sim: { latency: { kind: 'lognormal', medianMs: 700, sigma: 0.5 } },
  })
  const startedAt = performance.now()
  await instances.start(wanted)
  await waitFor('a third was called', () => standIn.calls().length >= wanted / 3)
  const struck = await strikeAndCount(standIn, { what: loss.title, of: () => true }, () => loss.strike(redis))
  const struckAt = performance.now()
  await instances.ended(120_000)
  const counted = await tally(instances, standIn, [struck])
  printTally(loss.title, counted, {
    'seconds after it': Math.round((performance.now() - struckAt) / 1_000),
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  })
  expect(fleet.crashes).toEqual([])
  return { counted, again: unexplained(standIn.calls(), [struck]) }
}

describe.concurrent('Redis', () => {
  it.for<Loss>([
    { title: 'FLUSHALL in mid-run', appendOnly: false, strike: (redis) => redis.flushAll() },
    {
      title: 'Redis killed and started empty',
      appendOnly: false,
      async strike(redis) {
        await redis.kill()
        await redis.forget()
        await redis.start()
      },
    },
  ])('$title: all complete after their leases, only calls in flight are paid twice', async (loss, test) => {
    const { counted, again } = await run(test, loss)
    expect(counted).toMatchObject({ completed: counted.started, lost: 0, incidents: 0, failures: 0 })
    expect(again).toEqual([])
  })

  it('killed and restarted with its data: all instances complete, and no job is called twice', async (test) => {
    const { counted } = await run(test, {
      title: 'Redis killed and started with its data (appendonly)',
      appendOnly: true,
      async strike(redis) {
        await redis.kill()
        await redis.start()
      },
    })
    expect(counted).toMatchObject({ completed: counted.started, lost: 0, incidents: 0, failures: 0 })
    expect(counted.calls).toBe(counted.started)
  })
})
