// The span of a report: a child of the execution that made the outcome, and the last one in a job's trace.
import { queuedJobId } from '../job/queued-job.ts'
import type { Answer } from '../ledger/job-store.ts'
import type { OutboxEntry } from '../ledger/outbox.ts'
import type { Span, Tracing } from '../telemetry/tracing.ts'

export function startReport(tracing: Tracing, { key, epoch }: OutboxEntry, answer: Answer): Span {
  return tracing.start({
    name: 'report',
    kind: 'client',
    parent: answer.trace,
    attributes: {
      'camunda.job.key': key,
      'camunda.process.id': answer.processId || undefined,
      'quarry.epoch': epoch,
      'quarry.lane': answer.lane,
      'messaging.system': 'zeebe',
      'messaging.operation.name': 'report',
      'messaging.operation.type': 'settle',
      'messaging.message.id': queuedJobId(key, epoch),
    },
  })
}
