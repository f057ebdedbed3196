// A job whose worker died while it had it is started again, and that is told: its call may be paid a second time.
import { expect, it } from 'vitest'
import { type ExecuteParts, makeJobRunner } from '../../src/execute/execute-job.ts'
import { makeJobRoom } from '../../src/execute/job-room.ts'
import type { ServedLane } from '../../src/execute/served-lane.ts'
import { makeWorkerStop } from '../../src/execute/stop-signals.ts'
import { jobKey } from '../../src/job/ids.ts'
import { makePayloadCodec } from '../../src/job/payload-codec.ts'
import { writeQueuedJob } from '../../src/job/queued-job.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { NO_TRACING } from '../../src/telemetry/tracing.ts'

const JOB = {
  ...{ key: jobKey('7'), epoch: 1, processInstanceKey: '1', bpmnProcessId: 'order', retries: 3 },
  ...{ processDefinitionKey: '2', elementId: 'task', tenantId: 'gold', customHeaders: '{}', variables: '{}' },
}
const LANE = {
  name: 'default@eu-west-1@m',
  lane: { account: 'default', region: 'eu-west-1', model: 'm' },
  spills: () => false,
} as unknown as ServedLane
const BEGUN = { waitedMs: 0, sends: 0, throttles: 0, failure: '', trace: '', executed: '' }

it.each([
  ['the first start', { deaths: 0, died: false }, []],
  ['a start after a death', { deaths: 1, died: true }, [{ jobKey: JOB.key, lane: LANE.name, deaths: 1 }]],
  ['a start after a hand-back after a death', { deaths: 1, died: false }, []],
])('of %s', async (_title, started, told) => {
  const events = makeEvents()
  const orphaned: unknown[] = []
  events.on('orphaned', (event) => orphaned.push(event))
  const codec = makePayloadCodec()
  const runner = makeJobRunner({
    ...{
      codec,
      room: makeJobRoom(),
      events,
      stop: makeWorkerStop(),
      maxStarts: 3,
      random: Math.random,
    },
    tracing: NO_TRACING,
    store: { defer: async () => 'ours' },
    claim: async () => ({ kind: 'ours', started: { ...BEGUN, ...started } }),
    documents: { open: () => ({ close: () => undefined }) },
    budgets: { check: async () => ({ kind: 'wait', delayMs: 5_000, budget: 'b', usedUp: null }) },
  } as unknown as ExecuteParts)
  await runner.run({ id: 'z-7-1', name: '1 gold', payload: codec.encode(writeQueuedJob(JOB), 'z-7-1') }, LANE)
  expect(orphaned).toMatchObject(told)
})
