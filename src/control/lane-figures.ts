// A lane in figures, from how it looks in Redis and what is configured for it. Pure.
import type { GrantedQuota } from '../pace/granted-quota.ts'
import { usedShare } from '../pace/lane-use.ts'
import { freshPace, tokenRate } from '../pace/pace-state.ts'
import { comesTo, type LaneBounds, wantedSlots } from '../pace/wanted-slots.ts'
import type { LaneLook } from '../redis/look-lanes.ts'
import { type LaneOverview, laneOverview } from './lane-overview.ts'

export interface LaneFigures {
  readonly overview: LaneOverview
  readonly jobs: LaneLook['jobs']
  readonly ended: LaneLook['ended']
  /** Age of the oldest job that is not answered, ms. */
  readonly oldestMs: number
  /** Null where there is no quota of requests or tokens. */
  readonly quotaUsed: number | null
  readonly calls: number
  readonly reservedTokens: number
  readonly wantedSlots: number
}

/** A lane that cools down for so long is not worth a worker's slot. */
const LONG_COOLDOWN_MS = 60_000

/** @param alive - the processes that live: calls of others have ended with them. */
export function laneFigures(
  look: LaneLook,
  { granted, oldestMs, alive }: { granted: GrantedQuota; oldestMs: number; alive: ReadonlySet<string> },
): LaneFigures {
  const { nowMs, pace, paused, jobs } = look
  const overview = laneOverview(look, granted)
  const { quota, waiting, active } = overview
  const running = [...look.calls].filter(([process]) => alive.has(process)).map(([, calls]) => calls)
  const calls = running.reduce((sum, each) => sum + each.calls, 0)
  const standsStill = paused || overview.pace.cooldownMs >= LONG_COOLDOWN_MS
  return {
    overview,
    jobs,
    ended: look.ended,
    oldestMs,
    quotaUsed: pace === null ? null : usedShare(pace, quota, nowMs),
    calls,
    reservedTokens: running.reduce((sum, { tokens }) => sum + tokens, 0),
    wantedSlots: wantedSlots({
      jobs: waiting + active + look.due,
      calls,
      ...boundsOf(look, overview),
      ...(standsStill ? { pace: 0 } : {}),
    }),
  }
}

function boundsOf({ nowMs, pace, concurrency }: LaneLook, { quota }: LaneOverview): LaneBounds {
  return {
    use: pace,
    pace: (pace ?? freshPace(nowMs, quota)).pace,
    tokens: quota.tokensPerMinute === null ? null : tokenRate(quota, pace?.tokenShare ?? 1),
    concurrency,
  }
}

/** Jobs per minute that a lane comes to while jobs wait in it; null for one that was never used. */
export function rateOf(look: LaneLook, overview: LaneOverview): number | null {
  return look.pace === null ? null : 60 * comesTo(boundsOf(look, overview))
}
