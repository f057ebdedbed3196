// A lane in figures, from how it looks in Redis and what is configured for it. Pure.

import type { LaneLook } from '../lanes/look-lanes.ts'
import { usedShare } from '../lanes/pace/lane-use.ts'
import { wantedSlots } from '../lanes/pace/wanted-slots.ts'
import type { GrantedQuota } from '../rules/granted-quota.ts'
import { type LaneOverview, laneOverview } from './lane-overview.ts'
import { boundsOf } from './lane-rate.ts'

export interface LaneFigures {
  readonly overview: LaneOverview
  readonly jobs: LaneLook['jobs']
  readonly ended: LaneLook['ended']
  /** Jobs that went back to Zeebe until there is room for them. */
  readonly away: number
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
  {
    granted,
    oldestMs,
    away,
    alive,
  }: { granted: GrantedQuota; oldestMs: number; away: number; alive: ReadonlySet<string> },
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
    away,
    oldestMs,
    quotaUsed: pace === null ? null : usedShare(pace, quota, nowMs),
    calls,
    reservedTokens: running.reduce((sum, { tokens }) => sum + tokens, 0),
    wantedSlots: wantedSlots({
      jobs: waiting + active + look.due,
      calls,
      ...boundsOf(look, quota),
      ...(standsStill ? { pace: 0 } : {}),
      // One call is tried at a time, and a worker must be there to try it.
      ...(look.outage === null ? {} : { concurrency: 1 }),
    }),
  }
}
