// The state of a lane's pace in Redis, shared by all workers. Times are ms of Redis's clock, rates are per second.
import { FIRST_PACE, SHARE } from './pace-constants.ts'

/** The pace of a lane as Redis holds it. */
export interface PaceState {
  /** Time of the last update of the levels. */
  readonly at: number
  /** Requests per second that the ceiling allowed at `at`; 0: no ceiling. */
  readonly ceiling: number
  /** Requests that may be sent at once; negative after a throttle, or after trials. */
  readonly level: number
  /** Requests per second in force. */
  readonly pace: number
  /** The pace before the latest decrease; 0 before the first decrease, while the pace doubles. */
  readonly top: number
  /** The pace at the last throttle that followed a quiet time. */
  readonly good: number
  /** Seconds since the latest decrease in which the pace was used up. Only these make it grow. */
  readonly busy: number
  /** Accepted requests per second, an exponential mean. */
  readonly flow: number
  /** Time of the last decrease. Throttles of requests sent before belong to the same wave. 0: never. */
  readonly cutAt: number
  /** End of the cooldown, in which nothing is sent; 0: no cooldown. */
  readonly coolUntil: number
  /** Length of the latest cooldown without a time from AWS, ms; 0: none since an answer. */
  readonly coolMs: number
  /** Until then one call, sent to probe the lane after a cooldown or in an outage, goes alone; 0: no probe. */
  readonly probeUntil: number
  /** Tokens that may be reserved at once; negative: a debt. */
  readonly tokens: number
  /** Used share of the configured tokens per minute, `LEAST_TOKEN_SHARE` to 1. */
  readonly tokenShare: number
  /** Time of its last decrease; 0: never. */
  readonly tokenCutAt: number
  /** Limit of calls in flight after an overload of Bedrock; 0: only the configured limit. */
  readonly slots: number
  /** Time of the last change of `slots`. */
  readonly slotsAt: number
  /** Consecutive failures of the region or model since the latest answer. */
  readonly failures: number
  /** Time of the latest failure. */
  readonly failedAt: number
  /** Start of the outage, in which only one call now and then is sent; 0: no outage. */
  readonly outageSince: number
  /** Time of the latest failure that confirmed the outage. */
  readonly outageAt: number
  /** End of the current pause between two calls of the outage. */
  readonly outageUntil: number
  /** Length of that pause before jitter, ms. */
  readonly outageMs: number
  /** Total number of throttles. */
  readonly throttles: number
  /** Recent requests per second without throttles and refusals, see lane-use.ts. */
  readonly requestsUsed: number
  /** Recent tokens per second. */
  readonly tokensUsed: number
  /** Mean length of a call; 0: unknown. */
  readonly callSeconds: number
}

/** The quota of a lane with an operator's changes applied; null: no limit. */
export interface Ceiling {
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  /** Seconds of quota that AWS allows to be used at once. */
  readonly burstSeconds: number
}

/** The state of a new lane. */
export function freshPace(now: number, ceiling: Ceiling): PaceState {
  const most = mostRequests(ceiling)
  const pace = most === 0 ? FIRST_PACE : most
  return {
    at: now,
    ceiling: most,
    level: most === 0 ? 1 : roomOf(pace, ceiling),
    pace,
    top: 0,
    good: 0,
    busy: 0,
    flow: 0,
    cutAt: 0,
    coolUntil: 0,
    coolMs: 0,
    probeUntil: 0,
    tokens: tokenRate(ceiling, 1) * ceiling.burstSeconds,
    tokenShare: 1,
    tokenCutAt: 0,
    slots: 0,
    slotsAt: 0,
    failures: 0,
    failedAt: 0,
    outageSince: 0,
    outageAt: 0,
    outageUntil: 0,
    outageMs: 0,
    throttles: 0,
    requestsUsed: 0,
    tokensUsed: 0,
    callSeconds: 0,
  }
}

/** Requests per second that a ceiling allows; 0: unlimited. */
export function mostRequests({ requestsPerMinute }: Ceiling): number {
  return requestsPerMinute === null ? 0 : (SHARE * requestsPerMinute) / 60
}

/**
 * Requests that may accumulate: half of what AWS presumably allows, since evenly sent calls arrive unevenly.
 */
export function roomOf(pace: number, { burstSeconds }: Pick<Ceiling, 'burstSeconds'>): number {
  return Math.max(1, (pace * burstSeconds) / 2)
}

/** Tokens per second that may be reserved; 0: unlimited. */
export function tokenRate({ tokensPerMinute }: Ceiling, share: number): number {
  return tokensPerMinute === null ? 0 : (SHARE * tokensPerMinute * share) / 60
}
