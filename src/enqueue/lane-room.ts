// How many jobs lanes may still take, by how full they are and how fast they move.
import type { LaneName } from '../job/ids.ts'
import { hasItsShare, judgeFullLane } from './lane-share.ts'

export interface LaneRoomParts {
  /** Jobs in a lane: waiting, delayed or running. */
  readonly depth: (lane: LaneName) => Promise<number>
  /** Jobs of a lane that were answered, from any start, by all workers. */
  readonly answered: (lane: LaneName) => Promise<number>
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
  /** Whether nothing is to be activated for now, since a lane that moves has its share. */
  holding(): Promise<boolean>
}

interface Look {
  readonly at: number
  /** As read, and what this adapter has added since. */
  depth: number
  readonly answered: number
  /** The first look that found the lane with its share; null when it has not. */
  readonly full: Pick<Look, 'at' | 'answered'> | null
}

/** How long a look at a lane counts, ms. */
const KNOWN_FOR_MS = 250
const MOST_KNOWN = 10_000

export function makeLaneRoom({ depth, answered, share, most, now }: LaneRoomParts): LaneRoom {
  const looks = new Map<LaneName, Look>()
  const look = async (lane: LaneName): Promise<Look> => {
    const last = looks.get(lane)
    if (last !== undefined && now() - last.at <= KNOWN_FOR_MS) return last
    const [jobs, ended] = await Promise.all([depth(lane), answered(lane)])
    const first = { at: now(), answered: ended }
    const full = hasItsShare(jobs, share, last?.full != null) ? (last?.full ?? first) : null
    const seen = { ...first, depth: jobs, full }
    if (looks.size >= MOST_KNOWN) looks.clear()
    looks.set(lane, seen)
    return seen
  }
  const judge = ({ at, answered: ended, full }: Look) =>
    full === null
      ? 'room'
      : judgeFullLane({ fullForMs: at - full.at, answered: ended - full.answered, share })
  return {
    async take(lane, wanted) {
      const seen = await look(lane)
      // What comes although activation holds was on its way already.
      const taken = judge(seen) === 'return' ? 0 : Math.min(wanted, Math.max(0, most - seen.depth))
      seen.depth += taken
      return taken
    },
    async holding() {
      for (const [lane, { depth: jobs, full }] of looks) {
        if (full === null && jobs < share) continue
        if (judge(await look(lane)) === 'hold') return true
      }
      return false
    },
  }
}
