// When to send a job again that got no answer. Pure.
// Throttles and outages are deferrals: they do not count as sends, and repeat until QUARRY_MAX_WAIT ends. Transient errors count: after
// QUARRY_MAX_SENDS sends, by default as many as the AWS SDK for Java makes, the job fails (connector contract 1.3, and the recordings).

import type { ResendRule } from '../connector/resend.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { longQuota } from '../job/long-quota.ts'

const SECOND = 1_000
/**
 * Times that a throttled job, or one in an outage, returns to the front of its lane at once: the lane waits, not the job. A job that is
 * throttled more often, such as a request larger than the quota, makes way for those behind it.
 */
const TIMES_IN_FRONT = 3

interface Backoff {
  readonly inFront: number
  readonly baseMs: number
  readonly longestMs: number
}

/**
 * - `quota`: a long-term quota is used up. The lane cools down, and another job is to be its next probe, since this one may need more than
 *   the whole quota;
 * - `ownOutage`: an outage of an endpoint or credentials that only this job has: the lane does not wait for it.
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
  /** Calls of this epoch that ended this way, including the latest. */
  readonly times: number
  /** Time since the epoch was accepted, ms. */
  readonly waitedMs: number
  readonly maxWaitMs: number
  /** Sends before a transient error is final. */
  readonly maxSends: number
  /** AWS's `retry-after`, ms. */
  readonly retryAfterMs: number | undefined
}

/**
 * The delay in ms before the job is sent again, 0 for the front of its lane, or null when it fails now. Full jitter:
 * `random * min(longest, base * 2^n)` (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/),
 * at least the cooldown of a used-up long-term quota, and never beyond the job's maximum wait. At first a throttled job waits at the front of
 * its lane, and the lane keeps AWS's `retry-after` (pace-end.ts). Later the job itself waits at least that long.
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

/** The backoff for a failure that is sent again. @param own - whether it concerns an endpoint or credentials of the job itself. */
export function backoffOf(
  reason: Exclude<ResendRule, 'final'>,
  failure: CallFailure,
  own: boolean,
): Progress['kind'] {
  if (reason === 'throttle' && longQuota(failure) !== null) return 'quota'
  return reason === 'outage' && own ? 'ownOutage' : reason
}
