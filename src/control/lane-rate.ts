// How fast a lane comes to send while jobs wait in it, and how long what waits there takes. Pure.

import type { LaneLook } from '../lanes/look-lanes.ts'
import { freshPace, tokenRate } from '../lanes/pace/pace-state.ts'
import { comesTo, type LaneBounds } from '../lanes/pace/wanted-slots.ts'
import type { LaneQuota } from '../rules/lane-quota.ts'

/** What of a lane bounds how fast it may send, under the quota in force. */
export function boundsOf({ nowMs, pace, concurrency }: LaneLook, quota: LaneQuota): LaneBounds {
  return {
    use: pace,
    pace: (pace ?? freshPace(nowMs, quota)).pace,
    tokens: quota.tokensPerMinute === null ? null : tokenRate(quota, pace?.tokenShare ?? 1),
    concurrency,
  }
}

/** Jobs per minute that a lane comes to while jobs wait in it; null for one that was never used. */
export function rateOf(look: LaneLook, quota: LaneQuota): number | null {
  return look.pace === null ? null : 60 * comesTo(boundsOf(look, quota))
}

/**
 * How long the jobs that wait in a lane, or were put off, take at its pace, ms; its cooldown goes before. Null where nobody
 * knows: it was never used, is paused, or is in an outage.
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
