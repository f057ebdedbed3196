// A server with a quota, as the stand-in has one, and a lane that sends to it as fast as its pace lets it: without clocks.
import { type Ceiling, freshPace } from '../../../src/lanes/pace/pace-state.ts'
import { elapse, reserve, settle } from './model/lane-pace.ts'

export interface QuotaServer {
  /** Requests per second at a time, s. */
  readonly quotaAt: (second: number) => number
  /** Whether a request that arrives at a time, ms, is accepted. */
  accepts(ms: number): boolean
}

/** A bucket of a second's quota. */
export function makeQuotaServer(quotaAt: (second: number) => number): QuotaServer {
  let level = quotaAt(0)
  let at = 0
  return {
    quotaAt,
    accepts(ms) {
      const quota = quotaAt(ms / 1_000)
      level = Math.min(Math.max(1, quota), level + (quota * (ms - at)) / 1_000)
      at = ms
      if (level + 1e-6 < 1) return false
      level -= 1
      return true
    },
  }
}

const ROUND_TRIP_MS = 15
const ANSWER_MS = 500
const NO_CEILING: Ceiling = { requestsPerMinute: null, tokensPerMinute: null, burstSeconds: 1 }

/** Sends for so long, with work in plenty. */
export function send(server: QuotaServer, { seconds }: { readonly seconds: number }) {
  const ends: { at: number; sentAt: number; end: 'ok' | 'throttle' }[] = []
  const acceptedAt: number[] = []
  let throttled = 0
  let state = freshPace(1, NO_CEILING)
  for (let now = 1; now < seconds * 1_000; ) {
    const asked = reserve(elapse(state, now, NO_CEILING), NO_CEILING, 0)
    state = asked.state
    let next = now
    if (asked.decision.kind === 'go') {
      const arrives = now + ROUND_TRIP_MS / 2
      if (server.accepts(arrives)) {
        acceptedAt.push(arrives / 1_000)
        ends.push({ at: now + ANSWER_MS, sentAt: now, end: 'ok' })
      } else {
        throttled += 1
        ends.push({ at: now + ROUND_TRIP_MS, sentAt: now, end: 'throttle' })
      }
      ends.sort((one, other) => one.at - other.at)
    } else {
      next = now + Math.max(1, Math.min(1_000, Math.ceil(asked.decision.waitMs)))
    }
    const first = ends[0]
    now = first === undefined ? next : Math.min(next, Math.max(now, first.at))
    while (ends[0] !== undefined && ends[0].at <= now) {
      const { sentAt, end } = ends.shift() as (typeof ends)[number]
      const call = { end, sentAt, reserved: 0, used: null, retryAfterMs: 0, inFlight: 1 }
      state = settle(elapse(state, now, NO_CEILING), NO_CEILING, call)
    }
  }
  let granted = 0
  for (let second = 0; second < seconds; second += 0.01) granted += server.quotaAt(second) * 0.01
  /** Seconds after `from` until nine tenths of a rate are kept for five seconds. */
  const back = (from: number, perSecond: number): number => {
    for (let after = 0; from + after < seconds; after += 0.5) {
      const count = acceptedAt.filter((at) => at > from + after && at <= from + after + 5).length
      if (count / 5 >= 0.9 * perSecond) return after
    }
    return Number.POSITIVE_INFINITY
  }
  return { accepted: acceptedAt.length, throttled, granted, back }
}
