// An update under load, of adapters and workers at once, as Kubernetes rolls two Deployments: in each one process after
// another is told to stop, ends by itself and is replaced.
import { expect, it } from 'vitest'
import type { Ended } from '../flow/quarry-process.ts'
import { startScenario } from './scenario.ts'
import { scaled } from './seed.ts'
import { printTally, tally } from './tally.ts'
import { waitFor } from './wait-for.ts'

const PLACES = { adapter: 2, bedrock: 3 }

it('20 rolling restarts under load: no job is called twice, none fails, and each process ends with 0', async (test) => {
  const rounds = scaled(4, 1)
  const { fleet, standIn, instances } = await startScenario(test, {
    places: PLACES,
    // What Zeebe pushes to a stream while it closes comes back when its lease ends.
    env: { QUARRY_LEASE: 'PT20S', QUARRY_DEFAULT_RPM: '1200' },
    sim: { latency: { kind: 'lognormal', medianMs: 700, sigma: 0.5 } },
  })
  const startedAt = performance.now()
  let loading = true
  const load = (async () => {
    // As many as are called meanwhile wait at any time, so that every restart finds work under way.
    while (loading) {
      await instances.start(20)
      await waitFor('room for more', async () => (await instances.count()).open < 100)
    }
  })()
  const ends: Ended[] = []
  const roll = async ([roles, places]: readonly [string, number]): Promise<void> => {
    for (let index = 0; index < rounds * places; index += 1) {
      const name = `${roles}-${(index % places) + 1}`
      const member = fleet.running().find((each) => each.name === name)
      if (member === undefined) throw new Error(`Nothing runs in the place ${name}.`)
      ends.push(await fleet.end(member, 'SIGTERM'))
      await fleet.ready()
    }
  }
  try {
    await Promise.all(Object.entries(PLACES).map(roll))
  } finally {
    loading = false
    await load
  }
  await instances.ended(90_000)
  const counted = await tally(instances, standIn)
  printTally(`${ends.length} rolling restarts under load`, counted, {
    restarts: ends.length,
    seconds: Math.round((performance.now() - startedAt) / 1_000),
  })
  expect(ends).toEqual(ends.map(() => ({ code: 0, signal: null })))
  expect(fleet.crashes).toEqual([])
  expect(counted).toMatchObject({ completed: counted.started, lost: 0, incidents: 0, failures: 0 })
  expect(counted.calls).toBe(counted.started)
  expect(counted.paidAgain).toEqual([])
})
