// When a job that got no answer is sent again. Pure: what it decides from is given.
// A throttle and an outage are deferrals: they count as no attempt and end with the job's patience (QUARRY_MAX_WAIT).
// A transient error counts: as many sends as QUARRY_MAX_SENDS allows, unless set as many as the AWS SDK for Java makes,
// then the job fails (connector contract 1.3, and the recordings).

import type { ResendRule } from '../connector/resend.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { longQuota } from '../job/long-quota.ts'

const SECOND = 1_000
/**
 * So often a job that is throttled, or met an outage, goes back to the front of its lane at once: the lane's pace, not the job, is what
 * must wait. One that meets it again and again, such as a request larger than the quota, makes room for those behind it.
 */
const TIMES_IN_FRONT = 3

interface Backoff {
  readonly inFront: number
  readonly baseMs: number
  readonly longestMs: number
}

/**
 * - `quota`: a throttle by a quota that is used up for long. The lane cools down; when it tries again, another job is to be the one,
 *   since what one job asks for may be more than the quota ever is;
 * - `ownOutage`: of an endpoint that only this job's diagram names: its lane does not wait.
 */
const BACKOFFS = {
  throttle: { inFront: TIMES_IN_FRONT, baseMs: SECOND, longestMs: 20 * SECOND },
  quota: { inFront: 0, baseMs: 60 * SECOND, longestMs: 600 * SECOND },
  outage: { inFront: TIMES_IN_FRONT, baseMs: SECOND, longestMs: 20 * SECOND },
  ownOutage: { inFront: 0, baseMs: SECOND, longestMs: 20 * SECOND },
  transient: { inFront: 0, baseMs: 100, longestMs: 20 * SECOND },
} as const satisfies Record<string, Backoff>

export interface Progress {
  readonly kind: keyof typeof BACKOFFS
  /** Calls of this epoch that ended this way, the latest included. */
  readonly times: number
  /** Since the epoch was accepted, ms. */
  readonly waitedMs: number
  readonly maxWaitMs: number
  /** Sends before a transient error is final. */
  readonly maxSends: number
  /** What AWS asked for in `retry-after`, ms. */
  readonly retryAfterMs: number | undefined
}

/**
 * The delay in ms before the job is sent again, 0 for the front of its lane, or null when it fails now. Full jitter:
 * `random * min(longest, base * 2^n)` (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/),
 * behind the cooldown of a quota that is used up for long; never beyond the end of the job's patience. A throttle waits at the front of the lane at first, since the lane waits then (pace-end.ts): as long
 * as AWS asked for, too. Later the job itself waits for no less than that.
 */
export function deferralDelay(progress: Progress, random: () => number): number | null {
  const { kind, times, waitedMs, maxWaitMs, maxSends, retryAfterMs = 0 } = progress
  if (kind === 'transient' && times >= maxSends) return null
  const patienceMs = maxWaitMs - waitedMs
  if (patienceMs <= 0) return null
  const { inFront, baseMs, longestMs } = BACKOFFS[kind]
  if (times <= inFront) return 0
  const longest = Math.min(longestMs, baseMs * 2 ** Math.min(times - inFront - 1, 16))
  const jittered = (kind === 'quota' ? 1 + random() : random()) * longest
  return Math.ceil(Math.min(patienceMs, Math.max(jittered, retryAfterMs)))
}

/** What a failure that is sent again has its job wait like. @param ownEndpoint - whether its diagram named the endpoint. */
export function backoffOf(
  reason: Exclude<ResendRule, 'final'>,
  failure: CallFailure,
  ownEndpoint: boolean,
): Progress['kind'] {
  if (reason === 'throttle' && longQuota(failure) !== null) return 'quota'
  return reason === 'outage' && ownEndpoint ? 'ownOutage' : reason
}
