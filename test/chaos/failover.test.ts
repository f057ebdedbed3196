// A replica takes over from a master that died, as the Sentinels say.
import { expect, it } from 'vitest'
import { startWatchedRedis } from '../../embedded/redis/start-sentinels.ts'
import { QUIETLY, redisSource } from '../flow/redis-parts.ts'
import { strikeAndCount, unexplained } from './in-flight.ts'
import { startScenario } from './scenario.ts'
import { scaled } from './seed.ts'
import { printTally, tally } from './tally.ts'
import { waitFor } from './wait-for.ts'

it('a Sentinel failover in mid-run: all instances complete, and only calls in flight are paid twice', async (test) => {
  const watched = await startWatchedRedis(await redisSource(), QUIETLY)
  test.onTestFinished(watched.stop)
  const wanted = scaled(200, 40)
  const { fleet, standIn, instances } = await startScenario(test, {
    places: { 'adapter,bedrock': 2 },
    env: {
      QUARRY_REDIS_SENTINELS: watched.sentinels.join(','),
      QUARRY_REDIS_SENTINEL_MASTER: watched.master,
      // Replication is asynchronous: what the replica had not got comes back from Zeebe by its lease.
      QUARRY_LEASE: 'PT10S',
      QUARRY_DEFAULT_RPM: '600',
    },
    sim: { latency: { kind: 'lognormal', medianMs: 700, sigma: 0.5 } },
  })
  const before = await watched.masterPort()
  const startedAt = performance.now()
  await instances.start(wanted)
  await waitFor('a third was called', () => standIn.calls().length >= wanted / 3)
  const struck = await strikeAndCount(standIn, { what: 'the master', of: () => true }, async () =>
    watched.killMaster(),
  )
  await instances.ended(120_000)
  const counted = await tally(instances, standIn, [struck])
  printTally('Sentinel failover in mid-run', counted, {
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  })
  expect(await watched.masterPort()).not.toBe(before)
  expect(fleet.crashes).toEqual([])
  expect(counted).toMatchObject({ completed: counted.started, lost: 0, incidents: 0, failures: 0 })
  expect(unexplained(standIn.calls(), [struck])).toEqual([])
})
