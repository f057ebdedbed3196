// What is remembered of a lane's pace, shared by all workers. Times are ms of Redis's clock, rates are per second.
import { FIRST_PACE, SHARE } from './pace-constants.ts'

/** The pace of a lane as Redis holds it. */
export interface PaceState {
  /** When the levels were last brought up to date. */
  readonly at: number
  /** Requests per second that the ceiling allowed then; 0: there was none. */
  readonly ceiling: number
  /** Requests that may be sent at once; below 0 after a throttle. */
  readonly level: number
  /** Requests per second in force. */
  readonly pace: number
  /** The pace that held before the latest decrease; 0 while there was none: the pace then doubles. */
  readonly top: number
  /** The pace that held when throttles last came after quiet. */
  readonly good: number
  /** Seconds since the latest decrease in which the pace was used up: only these let it grow. */
  readonly busy: number
  /** Accepted requests per second of late: an exponential mean. */
  readonly flow: number
  /** When the pace was last decreased; throttles of requests sent before are of the same wave. 0: never. */
  readonly cutAt: number
  /** Nothing is sent before; 0: no cooldown. */
  readonly coolUntil: number
  /** Length of the latest cooldown that AWS named no time for, ms; 0: none since an answer. */
  readonly coolMs: number
  /** Until then one call, sent after a cooldown, is alone; 0: there is none. */
  readonly probeUntil: number
  /** Tokens that may be reserved at once; below 0 is a debt. */
  readonly tokens: number
  /** Of the configured tokens per minute is used, `LEAST_TOKEN_SHARE` to 1. */
  readonly tokenShare: number
  /** When that was last decreased; 0: never. */
  readonly tokenCutAt: number
  /** Calls that may be in flight since Bedrock was overloaded; 0: as many as is configured. */
  readonly slots: number
  /** When they were last changed. */
  readonly slotsAt: number
  /** Failures of the region or model in a row, since the latest answer. */
  readonly failures: number
  /** When the latest was. */
  readonly failedAt: number
  /** Since when each call fails, so that only one now and then is sent; 0: they do not. */
  readonly outageSince: number
  /** When that was last found to last. */
  readonly outageAt: number
  /** No call is sent before. */
  readonly outageUntil: number
  /** How long the latest pause between two calls was, before its jitter, ms. */
  readonly outageMs: number
  /** Throttles ever. */
  readonly throttles: number
  /** Requests per second that were let through of late, see lane-use.ts; throttles are not among them. */
  readonly requestsUsed: number
  /** Tokens per second that they took. */
  readonly tokensUsed: number
  /** Mean length of a call; 0: not known yet. */
  readonly callSeconds: number
}

/** What bounds a lane: its quota, with an operator's wishes applied; null: nothing does. */
export interface Ceiling {
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
  /** Seconds of quota that AWS lets be used at once. */
  readonly burstSeconds: number
}

/** A lane that nothing is known of. */
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

/** Requests per second that a ceiling allows; 0: any number. */
export function mostRequests({ requestsPerMinute }: Ceiling): number {
  return requestsPerMinute === null ? 0 : (SHARE * requestsPerMinute) / 60
}

/**
 * Requests that may be saved up: half of what AWS is believed to save, since calls that are sent evenly arrive
 * unevenly.
 */
export function roomOf(pace: number, { burstSeconds }: Pick<Ceiling, 'burstSeconds'>): number {
  return Math.max(1, (pace * burstSeconds) / 2)
}

/** Tokens per second that may be reserved; 0: any number. */
export function tokenRate({ tokensPerMinute }: Ceiling, share: number): number {
  return tokensPerMinute === null ? 0 : (SHARE * tokensPerMinute * share) / 60
}
