// The figures of a lane, from its state in Redis and its quota. Pure.

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
  /** Jobs that are back with Zeebe until the lane has room. */
  readonly away: number
  /** Age of the oldest unanswered job, ms. */
  readonly oldestMs: number
  /** Null without a quota of requests or tokens. */
  readonly quotaUsed: number | null
  readonly calls: number
  /** Live workers that have calls in flight in it. */
  readonly workers: readonly { readonly name: string; readonly calls: number }[]
  readonly reservedTokens: number
  readonly wantedSlots: number
}

/** A lane with a longer cooldown needs no worker slot. */
const LONG_COOLDOWN_MS = 60_000

/** @param alive - live processes: the calls of dead ones have ended. */
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
  const live = [...look.calls].filter(([process]) => alive.has(process))
  const running = live.map(([, calls]) => calls)
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
    workers: live.map(([name, own]) => ({ name, calls: own.calls })).filter((worker) => worker.calls > 0),
    reservedTokens: running.reduce((sum, { tokens }) => sum + tokens, 0),
    wantedSlots: wantedSlots({
      jobs: waiting + active + look.due,
      calls,
      ...boundsOf(look, quota),
      ...(standsStill ? { pace: 0 } : {}),
      // An outage tries one call at a time, for which a worker must run.
      ...(look.outage === null ? {} : { concurrency: 1 }),
    }),
  }
}
