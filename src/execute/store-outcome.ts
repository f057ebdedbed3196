// The one write after which nothing is called again: the outcome, encrypted where there is a key, without the values
// of secrets where there is none, and its place in the outbox.
import { type Aside, HERE } from '../aside/aside.ts'
import type { UsedSecret } from '../connector/secret-masking.ts'
import { elementTemplate } from '../job/element-template.ts'
import type { LaneName } from '../job/ids.ts'
import type { Outcome } from '../job/outcome.ts'
import { type QueuedJob, queuedJobId } from '../job/queued-job.ts'
import type { JobStore } from '../ledger/job-store.ts'
import type { PayloadCodec } from '../payload/payload-codec.ts'
import { sealKey } from '../secrets/seal-key.ts'
import { writeOutcome } from '../secrets/sealed-outcome.ts'
import type { Events } from '../telemetry/events.ts'
import type { Tracing } from '../telemetry/tracing.ts'

export interface Executed {
  readonly job: Pick<QueuedJob, 'key' | 'epoch' | 'bpmnProcessId' | 'tenantId' | 'customHeaders'>
  readonly lane: LaneName
  /** Whether it was executed, or waited until it was not to be executed any more. */
  readonly after: 'called' | 'waited'
  /** When it was taken out of its lane, by `performance.now`. @default it was not */
  readonly takenAtMs?: number
  /** Secrets that may occur in the outcome. @default none */
  readonly used?: readonly UsedSecret[]
}

/** What of an outcome may be told to logs and metrics. */
export interface OutcomeFacts {
  readonly outcome: Outcome
  /** Java class name of the error, null for none. */
  readonly errorType: string | null
}

export interface StoreOutcomeParts {
  readonly store: JobStore
  readonly codec: PayloadCodec
  /** Stores what is long. @default here */
  readonly aside?: Aside
  readonly events: Events
  /** The report of the outcome is a part of the current span. */
  readonly tracing: Tracing
}

/** @returns false when the job was ended, or superseded, by another. */
export async function storeOutcome(
  parts: StoreOutcomeParts,
  executed: Executed,
  { outcome, errorType }: OutcomeFacts,
): Promise<boolean> {
  const { job, lane, after, takenAtMs, used = [] } = executed
  const { codec, aside = HERE } = parts
  const place = { id: queuedJobId(job.key, job.epoch), keyOf: sealKey(codec.installation) }
  const text = await writeOutcome(outcome, codec.encrypts ? [] : used, job, place)
  const work = { units: text.length, owner: job }
  // It is paid for: whatever keeps it from being packed aside, it is packed here then.
  const stored = await aside
    .run('packOutcome', work, text, place.id, codec.plan())
    .catch(() => codec.encode(text, place.id, 'outcome'))
  const failedTo = outcome.kind === 'failed' ? outcome.retries : null
  const { kind } = outcome
  const answer = { after, kind, outcome: stored, failedTo, trace: parts.tracing.current().place }
  if (!(await parts.store.answer(job.key, job.epoch, answer))) return false
  parts.events.emit('answered', {
    jobKey: job.key,
    processId: job.bpmnProcessId,
    lane,
    outcome: kind,
    errorType,
    retriesLeft: failedTo,
    executionMs: takenAtMs === undefined ? null : Math.round(performance.now() - takenAtMs),
    template: elementTemplate(job.customHeaders),
  })
  return true
}
