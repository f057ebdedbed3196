// Processes that die at any instruction, one after another, while jobs come and go.
import { expect, it } from 'vitest'
import { type InFlight, strikeAndCount, unexplained } from './in-flight.ts'
import { startScenario } from './scenario.ts'
import { strikeEvery } from './schedule.ts'
import { pick, scaled, seeded } from './seed.ts'
import { printTally, tally } from './tally.ts'

const KILL_EVERY_MS = 2_000

it('kill -9 of a random process every 2 s: all instances complete, and only calls in flight in killed workers are paid twice', async (test) => {
  const instancesWanted = scaled(600, 60)
  const { fleet, standIn, instances } = await startScenario(test, {
    places: { adapter: 2, bedrock: 3 },
    env: { QUARRY_LEASE: 'PT20S', QUARRY_DEFAULT_RPM: '1800' },
    sim: { latency: { kind: 'lognormal', medianMs: 700, sigma: 0.5 } },
  })
  const random = seeded()
  const killedWorkers: InFlight[] = []
  let killedAdapters = 0
  const startedAt = performance.now()
  const kills = strikeEvery(KILL_EVERY_MS, async () => {
    const running = fleet.running()
    // On a slow machine most of them are starting: all would die before they did anything.
    const ready = await Promise.all(running.map(({ quarry }) => quarry.isReady().catch(() => false)))
    if (ready.filter(Boolean).length < 3) return
    const victim = pick(running, random)
    const struck = await strikeAndCount(
      standIn,
      { what: `kill of ${victim.accessKey}`, of: ({ accessKey }) => accessKey === victim.accessKey },
      async () => void (await fleet.end(victim, 'SIGKILL')),
    )
    if (victim.roles === 'bedrock') killedWorkers.push(struck)
    else killedAdapters += 1
  })
  await instances.start(instancesWanted)
  await instances.ended(240_000)
  await kills.stop()
  const counted = await tally(instances, standIn, killedWorkers)
  const inDoubt = killedWorkers.reduce((sum, { jobs }) => sum + jobs.size, 0)
  printTally('kill -9 of a random process every 2 s', counted, {
    'in flight, with answers under way': inDoubt,
    'workers killed': killedWorkers.length,
    'adapters killed': killedAdapters,
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  })
  expect(fleet.crashes).toEqual([])
  expect(counted).toMatchObject({ completed: counted.started, lost: 0, incidents: 0, failures: 0 })
  expect(unexplained(standIn.calls(), killedWorkers)).toEqual([])
  expect(counted.paidAgain.length).toBeLessThanOrEqual(inDoubt)
})
