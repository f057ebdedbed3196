// When a job that got no answer is sent again. Pure: what it decides from is given.
// A throttle is a deferral: it counts as no attempt and ends with the lane's patience (QUARRY_MAX_WAIT).
// A transient error counts: as many sends as QUARRY_MAX_SENDS allows, unless set as many as the AWS SDK for Java makes,
// then the job fails (connector contract 1.3, and the recordings).

const SECOND = 1_000
/**
 * So often a throttled job goes back to the front of its lane at once: the lane's pace, not the job, is what must wait. One
 * that is throttled again and again, such as a request larger than the quota, makes room for those behind it.
 */
const THROTTLES_IN_FRONT = 3
const LONGEST_DELAY_MS = 20 * SECOND
const THROTTLE_BASE_MS = SECOND
const TRANSIENT_BASE_MS = 100

export interface Progress {
  readonly kind: 'throttle' | 'transient'
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
 * `random * min(20 s, base * 2^n)` (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/),
 * never less than AWS asked for, never beyond the end of the job's patience.
 */
export function deferralDelay(progress: Progress, random: () => number): number | null {
  const { kind, times, waitedMs, maxWaitMs, maxSends, retryAfterMs = 0 } = progress
  if (kind === 'transient' && times >= maxSends) return null
  const patienceMs = maxWaitMs - waitedMs
  if (patienceMs <= 0) return null
  if (kind === 'throttle' && times <= THROTTLES_IN_FRONT) return 0
  const base = kind === 'throttle' ? THROTTLE_BASE_MS : TRANSIENT_BASE_MS
  const doublings = kind === 'throttle' ? times - THROTTLES_IN_FRONT - 1 : times - 1
  const jittered = random() * Math.min(LONGEST_DELAY_MS, base * 2 ** Math.min(doublings, 16))
  return Math.ceil(Math.min(patienceMs, Math.max(jittered, retryAfterMs)))
}
