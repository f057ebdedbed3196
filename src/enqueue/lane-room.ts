// How many jobs lanes may still take, by how full they are and how fast they move.
import type { LaneName } from '../job/ids.ts'
import { type JudgedLane, judgeLane } from './lane-share.ts'

export interface LaneRoomParts {
  /** Jobs in a lane: waiting, delayed or running. */
  readonly depth: (lane: LaneName) => Promise<number>
  /** Jobs of a lane that were answered, from any start, by all workers. */
  readonly answered: (lane: LaneName) => Promise<number>
  /** Whether an operator wants no more jobs put into a lane. */
  readonly draining: (lane: LaneName) => Promise<boolean>
  /** Jobs that one lane may hold, of all adapters together, before nothing more is activated. */
  readonly share: number
  /** Jobs that it may hold at the most, of those that were on their way then. */
  readonly most: number
  /** ms, from any start. */
  readonly now: () => number
}

export interface LaneRoom {
  /** Takes room for jobs of a lane; resolves with how many of them are to be queued. The others go back to Zeebe. */
  take(lane: LaneName, wanted: number): Promise<number>
  /** Why the last look at a lane left jobs that were to be taken. */
  why(lane: LaneName): 'laneFull' | 'laneDraining'
  /** Whether nothing is to be activated for now, since a lane that moves has its share. */
  holding(): Promise<boolean>
}

interface KnownLane {
  readonly judged: JudgedLane
  readonly draining: boolean
  /** What this adapter has added since. */
  added: number
}

/** How long a look at a lane counts, ms. */
const KNOWN_FOR_MS = 250
const MOST_KNOWN = 10_000

export function makeLaneRoom(parts: LaneRoomParts): LaneRoom {
  const { share, most, now } = parts
  const lanes = new Map<LaneName, KnownLane>()
  const know = async (lane: LaneName): Promise<KnownLane> => {
    const last = lanes.get(lane)
    if (last !== undefined && now() - last.judged.atMs <= KNOWN_FOR_MS) return last
    const [jobs, ended, draining] = await Promise.all([
      parts.depth(lane),
      parts.answered(lane),
      parts.draining(lane),
    ])
    const look = { atMs: now(), depth: jobs, answered: ended }
    const known = { judged: judgeLane(look, last?.judged, share), draining, added: 0 }
    if (lanes.size >= MOST_KNOWN) lanes.clear()
    lanes.set(lane, known)
    return known
  }
  return {
    async take(lane, wanted) {
      const known = await know(lane)
      if (known.draining || known.judged.verdict === 'return') return 0
      // What comes although activation holds was on its way already.
      const taken = Math.min(wanted, Math.max(0, most - known.judged.depth - known.added))
      known.added += taken
      return taken
    },
    why: (lane) => (lanes.get(lane)?.draining ? 'laneDraining' : 'laneFull'),
    async holding() {
      for (const [lane, { judged, added }] of lanes) {
        if (judged.verdict === 'room' && judged.depth + added < share) continue
        const known = await know(lane)
        // One that drains takes nothing: what others get is not to wait for it.
        if (known.judged.verdict === 'hold' && !known.draining) return true
      }
      return false
    },
  }
}
