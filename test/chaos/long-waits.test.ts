// Jobs that wait in a slow lane far longer than Zeebe leaves them to us.
import { expect, it } from 'vitest'
import { startScenario } from './scenario.ts'
import { scaled } from './seed.ts'
import { printTally, tally } from './tally.ts'

const LEASE_MS = 3_000

it('jobs that wait ten times longer than their lease are called exactly once', async (test) => {
  // One call a second: the last third waits for more than ten leases.
  const wanted = scaled(45, 40)
  const { fleet, standIn, instances } = await startScenario(test, {
    places: { adapter: 2, bedrock: 1 },
    env: { QUARRY_LEASE: 'PT3S', QUARRY_DEFAULT_RPM: '60' },
  })
  const startedAt = Date.now()
  await instances.start(wanted)
  const allStartedAt = Date.now()
  await instances.ended(120_000)
  const counted = await tally(instances, standIn)
  const waitedLong = standIn.calls().filter(({ at }) => at - allStartedAt > 10 * LEASE_MS).length
  printTally('jobs that wait longer than their lease', counted, {
    'waited ten times their lease': waitedLong,
    seconds: Math.round((Date.now() - startedAt) / 1_000),
  })
  expect(fleet.crashes).toEqual([])
  expect(waitedLong).toBeGreaterThan(5)
  expect(counted).toMatchObject({
    completed: counted.started,
    lost: 0,
    incidents: 0,
    failures: 0,
    calls: counted.started,
  })
})
