// One queued job that is run by a worker's own runner, with a Redis and budgets that a test tells.

import { type ExecuteParts, makeJobRunner } from '../../src/execute/execute-job.ts'
import { makeJobRoom } from '../../src/execute/job-room.ts'
import type { ServedLane } from '../../src/execute/served-lane.ts'
import { makeWorkerStop } from '../../src/execute/worker-stop.ts'
import { jobKey } from '../../src/job/ids.ts'
import { type QueuedJob, writeQueuedJob } from '../../src/job/queued-job.ts'
import type { Disposal } from '../../src/lanes/queue/taken-job.ts'
import { makePayloadCodec } from '../../src/payload/payload-codec.ts'
import type { Events } from '../../src/telemetry/events.ts'
import { NO_TRACING } from '../../src/telemetry/tracing.ts'

export const JOB: QueuedJob = {
  ...{ key: jobKey('7'), epoch: 1, processInstanceKey: '1', bpmnProcessId: 'order', retries: 3 },
  ...{ processDefinitionKey: '2', elementId: 'task', tenantId: 'gold', customHeaders: '{}', variables: '{}' },
}

const BEGUN = { waitedMs: 0, sends: 0, throttles: 0, failure: '', trace: '', executed: '' }

export interface JobRun {
  readonly events: Events
  readonly lane: ServedLane
  /** What Redis says of its start, besides that it is the first. */
  readonly started: object
  /** Asked for the job's budgets. */
  readonly check: (...asked: unknown[]) => Promise<unknown>
}

/** Runs {@link JOB} in a lane. */
export function runJob({ events, lane, started, check }: JobRun): Promise<Disposal> {
  const codec = makePayloadCodec()
  const runner = makeJobRunner({
    ...{ codec, room: makeJobRoom(), events, stop: makeWorkerStop(), maxStarts: 3, random: Math.random },
    tracing: NO_TRACING,
    store: { defer: async () => 'ours' },
    claim: async () => ({ kind: 'ours', started: { ...BEGUN, ...started } }),
    documents: { open: () => ({ close: () => undefined }) },
    budgets: { check },
  } as unknown as ExecuteParts)
  const payload = codec.encode(writeQueuedJob(JOB), 'z-7-1')
  return runner.run({ id: 'z-7-1', name: '1 gold', payload, release() {} }, lane)
}
