// A job whose worker died while it had it is started again, and that is told: its call may be paid a second time.
import { expect, it } from 'vitest'
import type { ServedLane } from '../../src/execute/served-lane.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { JOB, runJob } from './job-runs.ts'

const LANE = {
  name: 'default@eu-west-1@m',
  lane: { account: 'default', region: 'eu-west-1', model: 'm' },
  spills: () => false,
} as unknown as ServedLane
it.each([
  ['the first start', { deaths: 0, died: false }, []],
  ['a start after a death', { deaths: 1, died: true }, [{ jobKey: JOB.key, lane: LANE.name, deaths: 1 }]],
  ['a start after a hand-back after a death', { deaths: 1, died: false }, []],
])('the report of a worker’s death at %s', async (_title, started, told) => {
  const events = makeEvents()
  const orphaned: unknown[] = []
  events.on('orphaned', (event) => orphaned.push(event))
  const check = async () => ({ kind: 'wait', delayMs: 5_000, budget: 'b', usedUp: null })
  await runJob({ events, lane: LANE, started, check })
  expect(orphaned).toMatchObject(told)
})
