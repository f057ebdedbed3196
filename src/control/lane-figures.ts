// A lane in figures, from how it looks in Redis and what is configured for it. Pure.
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import type { LaneQuota } from '../pace/lane-quota.ts'
import { usedShare } from '../pace/lane-use.ts'
import { wishedQuota } from '../pace/lane-wishes.ts'
import { freshPace, tokenRate } from '../pace/pace-state.ts'
import { wantedSlots } from '../pace/wanted-slots.ts'
import type { LaneLook } from '../redis/look-lanes.ts'

export interface LaneFigures {
  readonly name: LaneName
  readonly lane: Lane
  readonly state: 'running' | 'paused' | 'draining'
  readonly jobs: LaneLook['jobs']
  readonly ended: LaneLook['ended']
  /** Age of the oldest job that is not answered, ms. */
  readonly oldestMs: number
  /** In force; null for a lane that was never used. */
  readonly paceRequestsPerMinute: number | null
  /** In force, with live changes; null where there is none. */
  readonly quota: LaneQuota
  /** Null where there is no quota of requests or tokens. */
  readonly quotaUsed: number | null
  readonly calls: number
  readonly reservedTokens: number
  readonly cooldownMs: number
  readonly wantedSlots: number
}

/** A lane that cools down for so long is not worth a worker's slot. */
const LONG_COOLDOWN_MS = 60_000

/** @param alive - the processes that live: calls of others have ended with them. */
export function laneFigures(
  look: LaneLook,
  { granted, oldestMs, alive }: { granted: LaneQuota; oldestMs: number; alive: ReadonlySet<string> },
): LaneFigures {
  const { name, nowMs, pace, wishes, paused, jobs } = look
  const quota = wishedQuota(granted, wishes)
  const running = [...look.calls].filter(([process]) => alive.has(process)).map(([, calls]) => calls)
  const calls = running.reduce((sum, each) => sum + each.calls, 0)
  const cooldownMs = pace === null ? 0 : Math.max(0, pace.coolUntil - nowMs)
  return {
    name,
    lane: parseLaneName(name),
    state: paused ? 'paused' : wishes.draining ? 'draining' : 'running',
    jobs,
    ended: look.ended,
    oldestMs,
    paceRequestsPerMinute: pace === null ? null : pace.pace * 60,
    quota,
    quotaUsed: pace === null ? null : usedShare(pace, quota, nowMs),
    calls,
    reservedTokens: running.reduce((sum, { tokens }) => sum + tokens, 0),
    cooldownMs,
    wantedSlots: wantedSlots({
      jobs: jobs.waiting + jobs.prioritized + jobs.active,
      calls,
      use: pace,
      pace: paused || cooldownMs >= LONG_COOLDOWN_MS ? 0 : (pace ?? freshPace(nowMs, quota)).pace,
      tokens: quota.tokensPerMinute === null ? null : tokenRate(quota, pace?.tokenShare ?? 1),
      concurrency: look.concurrency,
    }),
  }
}
