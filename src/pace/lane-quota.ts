// Which configured quota a lane has, and the BullMQ rate limit that keeps under it. Pure.
// Place for what comes: the shared bucket of requests and tokens, and the adaptive factor on it.
import type { Lane } from '../job/lane.ts'
import type { QuotaRule } from './lane-rules.ts'
import { matches } from './pattern.ts'

/** What a lane may send a minute; null where nothing is configured. */
export interface LaneQuota {
  readonly requestsPerMinute: number | null
  readonly tokensPerMinute: number | null
}

/** At most `max` starts in each window of `duration` ms. */
export interface RateLimit {
  readonly max: number
  readonly duration: number
}

/** The first rule whose region and model match, over the default for lanes that none names. */
export function laneQuota(lane: Lane, rules: readonly QuotaRule[], byDefault: LaneQuota): LaneQuota {
  const rule = rules.find(
    ({ account, region, model }) =>
      matches(account, lane.account) && matches(region, lane.region) && matches(model, lane.model),
  )
  if (rule === undefined) return byDefault
  return {
    requestsPerMinute: rule.requestsPerMinute ?? byDefault.requestsPerMinute,
    tokensPerMinute: rule.tokensPerMinute ?? byDefault.tokensPerMinute,
  }
}

const SHORTEST_WINDOW_MS = 100
/** Of the quota is used: calls arrive at AWS a little closer or wider than they were sent. */
const SHARE = 0.99

/**
 * BullMQ counts starts in fixed windows and lets a window's starts go at once, so short windows are used: one
 * start each where the quota is small, 100 ms where it is large. Just under the quota, never above it.
 * @param requestsPerMinute more than 0.
 */
export function rateLimit(requestsPerMinute: number): RateLimit {
  const max = Math.max(1, Math.floor((SHARE * requestsPerMinute * SHORTEST_WINDOW_MS) / 60_000))
  return { max, duration: Math.ceil((max * 60_000) / (SHARE * requestsPerMinute)) }
}
