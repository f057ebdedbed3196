// How long a job may wait for an answer, and its outcome after that: it was never sent, or its sends got no answer.

import { awsError } from '../connector/aws-error.ts'
import { type ConnectorError, javaError, SDK_CLIENT } from '../connector/connector-error.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { formatDuration } from '../job/duration.ts'
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import { MAX_WAIT_HEADER, ownMaxWait } from '../job/max-wait.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import type { PayloadCodec } from '../payload/payload-codec.ts'
import { budgetWaitError } from './budget-outcome.ts'
import type { OutcomeRules } from './outcome-of.ts'
import type { OutcomeFacts } from './store-outcome.ts'
import { readFailure } from './stored-failure.ts'

export interface Patience {
  /** Counted from when the epoch was accepted. */
  readonly ms: number
  /** The header or setting that limits it, with its value, for a person. */
  readonly by: string
}

/** The smaller of the task's and the setting's limit. */
export function patienceOf({ customHeaders }: Pick<QueuedJob, 'customHeaders'>, maxWaitMs: number): Patience {
  const own = ownMaxWait(customHeaders)
  return own !== null && own.ms < maxWaitMs
    ? { ms: own.ms, by: `the task header ${MAX_WAIT_HEADER} (${own.text})` }
    : { ms: maxWaitMs, by: `QUARRY_MAX_WAIT (${formatDuration(maxWaitMs)})` }
}

/** How far an overdue job got. */
export interface OverdueJob {
  readonly lane: LaneName
  readonly waitedMs: number
  readonly sends: number
  /** The last failure, from `writeFailure`; '' for none. */
  readonly failure: string
}

export type OverdueOutcome = (job: QueuedJob, overdue: OverdueJob) => Promise<OutcomeFacts>

export interface OverdueParts {
  readonly codec: PayloadCodec
  readonly rules: OutcomeRules
  readonly maxWaitMs: number
  /** Configured requests per minute of a lane; null: no limit. */
  readonly limitOf: (lane: Lane) => number | null
  /** Whether any worker serves the lane. */
  readonly served: (lane: LaneName) => Promise<boolean>
  /** Why a lane gets no answers from Bedrock; null if it gets them. */
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

const THROTTLING = 'software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException'

/** Error expressions recognise a throttle by this part of AWS's message. */
const AS_THROTTLED = 'It counts as throttled (Status Code: 429).'

export interface Unsent {
  readonly lane: Lane
  /** The lane's configured limit; null: none. */
  readonly requestsPerMinute: number | null
  /** Whether any worker serves the lane. */
  readonly served: boolean
  /** Why the lane gets no answers from Bedrock; null if it gets them. */
  readonly outage: string | null
  readonly waitedMs: number
  /** The limit of the wait, and its value. */
  readonly allowedBy: string
}

/**
 * The error type is that of a throttle, as there was too much work for the quota, or in an outage that of a failed connection, so that diagrams
 * handle it. The message explains that nothing was called, and why.
 */
export function neverSentError(unsent: Unsent): ConnectorError {
  const { lane, waitedMs, allowedBy } = unsent
  const waited = formatDuration(Math.round(waitedMs / 1_000) * 1_000)
  const message = `Never sent to Bedrock, nothing was called or billed: the job waited ${waited} for its turn to call model ${lane.model} in region ${lane.region}, longer than ${allowedBy} allows, because ${why(unsent).replace(/\.$/, '')}.`
  if (unsent.served && unsent.outage !== null) return javaError(SDK_CLIENT, message)
  return javaError(THROTTLING, `${message} ${AS_THROTTLED}`)
}

function why({ lane, requestsPerMinute, served, outage }: Unsent): string {
  if (!served) return `no Quarry worker serves region ${lane.region} (see QUARRY_REGIONS)`
  if (outage !== null) return `its lane gets no answers of Bedrock: ${outage}`
  if (requestsPerMinute === null) return 'the jobs ahead of it kept all places of its lane busy'
  return `the jobs ahead of it used up what its lane may send (requests per minute: ${requestsPerMinute})`
}
