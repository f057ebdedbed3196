// What Zeebe is told of a job whose patience is over: never sent, or without an answer to the last.

import { awsError } from '../connector/aws-error.ts'
import type { CallFailure } from '../job/call-failure.ts'
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import type { PayloadCodec } from '../job/payload-codec.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { budgetWaitError } from './budget-outcome.ts'
import { neverSentError } from './never-sent.ts'
import type { OutcomeRules } from './outcome-of.ts'
import { patienceOf } from './patience.ts'
import type { OutcomeFacts } from './store-outcome.ts'
import { readFailure } from './stored-failure.ts'

/** How far an overdue job got. */
export interface OverdueJob {
  readonly lane: LaneName
  readonly waitedMs: number
  readonly sends: number
  /** The last failure, as `writeFailure` made it; '' for none. */
  readonly failure: string
}

export type OverdueOutcome = (job: QueuedJob, overdue: OverdueJob) => Promise<OutcomeFacts>

export interface OverdueParts {
  readonly codec: PayloadCodec
  readonly rules: OutcomeRules
  readonly maxWaitMs: number
  /** Requests per minute that are configured for a lane, null for no limit. */
  readonly limitOf: (lane: Lane) => number | null
  /** Whether any worker has the lane open. */
  readonly served: (lane: LaneName) => Promise<boolean>
  /** Why a lane gets no answers of Bedrock; null when it gets them. */
  readonly outageOf: (lane: LaneName) => Promise<string | null>
}

export function makeOverdueOutcome(parts: OverdueParts): OverdueOutcome {
  return async (job, { lane: name, waitedMs, sends, failure }) => {
    const last = failure === '' ? ABANDONED : readFailure(failure, parts.codec, job)
    const allowedBy = patienceOf(job, parts.maxWaitMs).by
    const outOfBudget = budgetWaitError(last, { waitedMs, allowedBy })
    if (outOfBudget !== null) return parts.rules.failed(job, outOfBudget)
    if (sends > 0) return parts.rules.failed(job, awsError(last, sends))
    const lane = parseLaneName(name)
    const [served, outage] = await Promise.all([parts.served(name), parts.outageOf(name)])
    const facts = { lane, requestsPerMinute: parts.limitOf(lane), served, outage }
    return parts.rules.failed(job, neverSentError({ ...facts, waitedMs, allowedBy }))
  }
}

const ABANDONED: CallFailure = {
  name: 'AbortError',
  message: 'the call was ended when its worker stopped',
  network: 'other',
}
