// The spans of a worker's part. Executions of a job are parts of its trace, one after the other: each follows the one that put
// the job back, as it is no part of it.
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

/** A job that waited in its lane for as long as it may, and is ended there. */
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
