// The spans of a worker. The executions of a job are siblings in its trace; each links to the one that requeued the job.
import type { LaneName } from '../job/ids.ts'
import { type QueuedJob, queuedJobId } from '../job/queued-job.ts'
import type { Started } from '../ledger/job-store.ts'
import type { HeldJob } from '../ledger/read-held.ts'
import { jobAttributes } from '../telemetry/named-job.ts'
import type { Span, SpanAttributes, Tracing } from '../telemetry/tracing.ts'

export function startExecution(tracing: Tracing, job: QueuedJob, lane: LaneName, started: Started): Span {
  return tracing.start({
    name: `execute ${lane}`,
    kind: 'consumer',
    parent: started.trace,
    links: [started.executed],
    attributes: {
      ...ofLane(job, lane, 'execute'),
      'quarry.attempt': started.sends + 1,
      'quarry.throttles': started.throttles,
      'quarry.outages': started.outages,
      'quarry.waited_ms': started.waitedMs,
      'quarry.worker_deaths': started.deaths,
    },
  })
}

/** For a job that is failed in its lane after its maximum wait. */
export function startExpiry(tracing: Tracing, job: QueuedJob, held: HeldJob): Span {
  return tracing.start({
    name: `expire ${held.lane}`,
    kind: 'consumer',
    parent: held.trace,
    attributes: { ...ofLane(job, held.lane, 'expire'), 'quarry.waited_ms': held.waitedMs },
  })
}

function ofLane(job: QueuedJob, lane: LaneName, operation: string): SpanAttributes {
  return {
    ...jobAttributes(job),
    'quarry.epoch': job.epoch,
    'quarry.lane': lane,
    'messaging.system': 'bullmq',
    'messaging.operation.name': operation,
    'messaging.operation.type': 'process',
    'messaging.destination.name': lane,
    'messaging.message.id': queuedJobId(job.key, job.epoch),
  }
}
