// Which lanes have jobs that went back to Zeebe, to emit one event when that begins and one when it ends.
import type { LaneName } from '../job/ids.ts'
import type { AwayLook } from '../lanes/away/away-store.ts'
import type { Events } from '../telemetry/events.ts'
import { depthOf, type KnownLane } from './known-lanes.ts'

export interface StuckLanes {
  /** Jobs of a lane go back, for at most `forMs`. */
  sentAway(lane: LaneName, known: KnownLane, forMs: number): void
  looked(lane: LaneName, known: KnownLane, away: Pick<AwayLook, 'away'>): void
  /** Lanes for which the beginning was emitted and the end was not. */
  lanes(): readonly LaneName[]
}

/** A lane is no longer stuck when no job went back for this long. */
const ENDED_AFTER_MS = 10_000

/** @param now - ms, from any start. */
export function makeStuckLanes(events: Events, now: () => number): StuckLanes {
  const begun = new Map<LaneName, { readonly sinceMs: number; readonly lastMs: number }>()
  return {
    sentAway(lane, known, forMs) {
      const since = begun.get(lane)
      begun.set(lane, { sinceMs: since?.sinceMs ?? now(), lastMs: now() })
      if (since !== undefined) return
      const why = known.judged.halt ?? 'full'
      events.emit('laneStuck', { lane, why, held: depthOf(known), awaySeconds: Math.round(forMs / 1_000) })
    },
    looked(lane, { judged }, away) {
      const since = begun.get(lane)
      if (since === undefined || now() - since.lastMs < ENDED_AFTER_MS) return
      if (away.away > 0 || judged.verdict === 'return' || judged.halt === 'draining') return
      begun.delete(lane)
      events.emit('laneUnstuck', { lane, lastedMs: Math.round(now() - since.sinceMs) })
    },
    lanes: () => [...begun.keys()],
  }
}
