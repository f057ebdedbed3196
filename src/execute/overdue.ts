// What Zeebe is told of a job whose patience is over: never sent, or throttled to the last.
import type { CallFailure } from '../aws/call-failure.ts'
import { awsError } from '../connector/aws-error.ts'
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import { neverSentError } from './never-sent.ts'
import type { OutcomeRules } from './outcome-of.ts'
import type { OutcomeFacts } from './store-outcome.ts'

/** How far an overdue job got. */
export interface OverdueJob {
  readonly lane: LaneName
  readonly waitedMs: number
  readonly sends: number
  /** The last throttle, as JSON text; '' for none. */
  readonly throttle: string
}

/** Null when the job is in the middle of its attempts and goes on. */
export type OverdueOutcome = (job: QueuedJob, overdue: OverdueJob) => Promise<OutcomeFacts | null>

export function makeOverdueOutcome(parts: {
  readonly rules: OutcomeRules
  readonly maxWaitMs: number
  readonly limitOf: (lane: Lane) => number | null
  readonly served: (lane: LaneName) => Promise<boolean>
}): OverdueOutcome {
  return async (job, { lane: name, waitedMs, sends, throttle }) => {
    if (throttle !== '') return parts.rules.failed(job, awsError(JSON.parse(throttle) as CallFailure, sends))
    if (sends > 0) return null
    const lane = parseLaneName(name)
    const served = await parts.served(name)
    const { maxWaitMs } = parts
    return parts.rules.failed(
      job,
      neverSentError({ lane, requestsPerMinute: parts.limitOf(lane), served, waitedMs, maxWaitMs }),
    )
  }
}
