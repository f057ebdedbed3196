// Stores the outcome and puts it into the outbox, in one write. After it nothing is called again for the job's epoch. The outcome is encrypted
// with a payload key; without a key it contains no values of secrets.
import { type Aside, HERE } from '../aside/aside.ts'
import type { UsedSecret } from '../connector/secret-masking.ts'
import { elementTemplate } from '../job/element-template.ts'
import type { LaneName } from '../job/ids.ts'
import type { Outcome } from '../job/outcome.ts'
import { type QueuedJob, queuedJobId } from '../job/queued-job.ts'
import type { CallCounts, JobStore } from '../ledger/job-store.ts'
import type { PayloadCodec } from '../payload/payload-codec.ts'
import { sealKey } from '../secrets/seal-key.ts'
import { writeOutcome } from '../secrets/sealed-outcome.ts'
import type { Events } from '../telemetry/events.ts'
import type { Tracing } from '../telemetry/tracing.ts'

export interface Executed {
  readonly job: Omit<QueuedJob, 'variables' | 'retries' | 'processDefinitionKey'>
  readonly lane: LaneName
  /** Whether it was executed, or only waited until its maximum wait ended. */
  readonly after: 'called' | 'waited'
  /** When it was taken from its lane, by `performance.now`. @default never */
  readonly takenAtMs?: number
  /** Its calls. @default as its record has them */
  readonly calls?: CallCounts
  /** Secrets that may occur in the outcome. @default none */
  readonly used?: readonly UsedSecret[]
}

/** An outcome, and the error type for logs and metrics. */
export interface OutcomeFacts {
  readonly outcome: Outcome
  /** Java class name of the error; null: none. */
  readonly errorType: string | null
  /** The error for people. @default the last part of the class name */
  readonly errorName?: string
}

export interface StoreOutcomeParts {
  readonly store: JobStore
  readonly codec: PayloadCodec
  /** Encodes long outcomes. @default here */
  readonly aside?: Aside
  readonly events: Events
  /** The report of the outcome becomes a child of the current span. */
  readonly tracing: Tracing
}

/** @returns false if another ended or superseded the job. */
export async function storeOutcome(
  parts: StoreOutcomeParts,
  executed: Executed,
  { outcome, errorType, errorName }: OutcomeFacts,
): Promise<boolean> {
  const { job, lane, after, takenAtMs, calls, used = [] } = executed
  const error = errorName ?? lastPart(errorType)
  const { codec, aside = HERE } = parts
  const place = { id: queuedJobId(job.key, job.epoch), keyOf: sealKey(codec.installation) }
  const text = await writeOutcome(outcome, codec.encrypts ? [] : used, job, place)
  const work = { units: text.length, owner: job }
  // The call is paid: if the thread fails, encode the outcome here.
  const stored = await aside
    .run('packOutcome', work, text, place.id, codec.plan())
    .catch(() => codec.encode(text, place.id, 'outcome'))
  const failedTo = outcome.kind === 'failed' ? outcome.retries : null
  const { kind } = outcome
  const of = { lane, processId: job.bpmnProcessId }
  const counts = calls === undefined ? {} : { calls }
  const trace = parts.tracing.current().place
  const answer = { after, kind, outcome: stored, failedTo, trace, error, ...counts, of }
  if (!(await parts.store.answer(job.key, job.epoch, answer))) return false
  parts.events.emit('answered', {
    jobKey: job.key,
    processId: job.bpmnProcessId,
    lane,
    outcome: kind,
    errorType,
    error,
    elementId: job.elementId,
    processInstanceKey: job.processInstanceKey,
    retriesLeft: failedTo,
    executionMs: takenAtMs === undefined ? null : Math.round(performance.now() - takenAtMs),
    template: elementTemplate(job.customHeaders),
  })
  return true
}

/** Of a Java class name. */
function lastPart(type: string | null): string | null {
  return type === null ? null : (type.split('.').at(-1) ?? type)
}
