// The rate that a lane reaches while jobs wait in it, and the time its backlog takes. Pure.

import type { LaneLook } from '../lanes/look-lanes.ts'
import { freshPace, tokenRate } from '../lanes/pace/pace-state.ts'
import { comesTo, type LaneBounds } from '../lanes/pace/wanted-slots.ts'
import type { LaneQuota } from '../rules/lane-quota.ts'

/** The bounds of a lane's rate under the quota in force. */
export function boundsOf({ nowMs, pace, concurrency }: LaneLook, quota: LaneQuota): LaneBounds {
  return {
    use: pace,
    pace: (pace ?? freshPace(nowMs, quota)).pace,
    tokens: quota.tokensPerMinute === null ? null : tokenRate(quota, pace?.tokenShare ?? 1),
    concurrency,
  }
}

/** Jobs per minute that a lane reaches while jobs wait in it; null for a lane that was never used. */
export function rateOf(look: LaneLook, quota: LaneQuota): number | null {
  return look.pace === null ? null : 60 * comesTo(boundsOf(look, quota))
}

/**
 * Time that the waiting and delayed jobs of a lane take at its pace, its cooldown included, ms. Null when unknown: the lane was
 * never used, is paused, or is in an outage.
 */
export function backlogMs(look: LaneLook, quota: LaneQuota): number | null {
  const { jobs, paused, outage, pace, nowMs } = look
  const backlog = jobs.waiting + jobs.prioritized + jobs.delayed
  if (backlog === 0) return 0
  const rate = rateOf(look, quota)
  if (rate === null || rate === 0 || paused || outage !== null) return null
  const cooldownMs = Math.max(0, (pace?.coolUntil ?? 0) - nowMs)
  return Math.round(cooldownMs + (backlog / rate) * 60_000)
}
