// A Bedrock that hangs, resets, answers garbage or half of it. What follows is the connector's contract: a fault of
// the way is sent four times in all; a call that took too long may have been paid for and is not sent again.
import { expect, it } from 'vitest'
import type { FaultRule } from '../../sim/sim.ts'
import { startScenario } from './scenario.ts'
import { printTally, tally } from './tally.ts'

const EACH = 5
const RETRIES = 2

/** A fault that strikes every call, and how often a job is sent for each of its retries. */
const LASTING: readonly { readonly fault: FaultRule['fault']; readonly sends: number }[] = [
  { fault: 'hang', sends: 1 },
  { fault: 'reset', sends: 4 },
  { fault: 'malformed', sends: 4 },
  { fault: 'halfbody', sends: 4 },
]

it('each fault of Bedrock fails a job after four sends, or after one if the answer took too long, as in the stock connector', async (test) => {
  const passing = ['reset', 'malformed', 'halfbody'] as const
  const { fleet, standIn, deploy } = await startScenario(test, {
    places: { adapter: 1, bedrock: 2 },
    env: { QUARRY_CALL_TIMEOUT: 'PT2S' },
    sim: {
      faults: [
        ...LASTING.map(({ fault }) => ({ model: `${fault}-always`, fault })),
        ...passing.map((fault) => ({ model: `${fault}-thrice`, fault, count: 3 })),
        ...passing.map((fault) => ({ model: 'now-and-then', fault, share: 0.1 })),
      ],
    },
  })

  // After some failures in a row a lane sends one call at a time: they do so side by side.
  await Promise.all(LASTING.map(({ fault, sends }) => lasting(`${fault}-always`, sends)))
  for (const fault of passing) await recovers(`${fault}-thrice`, 1)
  await recovers('now-and-then', 60)
  expect(fleet.crashes).toEqual([])

  async function lasting(model: string, sends: number): Promise<void> {
    const instances = await deploy({ model, retries: String(RETRIES) })
    await instances.start(EACH)
    await instances.ended(120_000)
    const counted = await tally(instances, standIn)
    printTally(`Bedrock: ${model}`, counted)
    expect(counted).toMatchObject({
      completed: 0,
      lost: 0,
      incidents: EACH,
      failures: EACH * RETRIES,
      calls: EACH * RETRIES * sends,
    })
  }

  async function recovers(model: string, count: number): Promise<void> {
    const instances = await deploy({ model })
    await instances.start(count)
    await instances.ended(60_000)
    const counted = await tally(instances, standIn)
    printTally(`Bedrock: ${model}`, counted)
    expect(counted).toMatchObject({ completed: count, lost: 0, incidents: 0 })
    if (count === 1) expect(counted).toMatchObject({ failures: 0, calls: 4 })
  }
})
