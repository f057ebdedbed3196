// What is known of the backlog and of its lanes: by a look that counts for a moment, and by what this adapter has added since.
import type { LaneName } from '../job/ids.ts'
import type { AwayLook } from '../redis/away-store.ts'
import { type Halt, type JudgedLane, judgeLane, laneLimit } from './lane-share.ts'

export interface KnownLanesParts {
  /** A lane: jobs that wait, are delayed or run; jobs that were answered, from any start; why it stands still. */
  readonly look: (lane: LaneName) => Promise<{
    readonly depth: number
    readonly answered: number
    readonly halt: Halt | null
  }>
  /** How many jobs of a lane are back with Zeebe. */
  readonly away: (lane: LaneName) => Promise<AwayLook>
  /** Jobs that may be taken still, by all adapters together: of all lanes, and as one lane may count with. */
  readonly free: () => Promise<{ readonly all: number; readonly shared: number }>
  /** Jobs that all lanes may hold, of all adapters together. */
  readonly maxBacklog: number
  /** Jobs that one lane may hold while no other has any. */
  readonly share: number
  /** ms, from any start. */
  readonly now: () => number
}

export interface KnownLane {
  readonly judged: JudgedLane
  away: AwayLook
  /** What this adapter has added since. */
  added: number
}

export interface KnownLanes {
  /** Looks at the backlog, unless that was done just now. */
  lookAtAll(): Promise<void>
  /** Looks at a lane and at the backlog, unless that was done just now. */
  know(lane: LaneName): Promise<KnownLane>
  /** As it was seen last. */
  last(lane: LaneName): KnownLane | undefined
  all(): Iterable<readonly [LaneName, KnownLane]>
  /** Jobs that may be taken still: of all lanes, and as one lane may count with. */
  free(): { readonly all: number; readonly shared: number }
  /** Jobs that a lane may hold now; of one that has none, without a lane. */
  limit(lane?: KnownLane): number
  /** This adapter has taken a job of a lane. */
  add(lane: KnownLane): void
  /** It has sent so many back. */
  sentAway(lane: KnownLane, jobs: number): void
}

const KNOWN_FOR_MS = 250
const MOST_KNOWN = 10_000

/** Jobs that a lane holds, as far as this adapter knows. */
export function depthOf({ judged, added }: KnownLane): number {
  return judged.depth + added
}

/** @param onLook - a lane was looked at. */
export function makeKnownLanes(
  parts: KnownLanesParts,
  onLook: (lane: LaneName, known: KnownLane) => void,
): KnownLanes {
  const { share, maxBacklog, now } = parts
  const lanes = new Map<LaneName, KnownLane>()
  let total = { atMs: Number.NEGATIVE_INFINITY, all: 0, shared: 0, added: 0 }
  const self: KnownLanes = {
    async lookAtAll() {
      if (now() - total.atMs <= KNOWN_FOR_MS) return
      const free = await parts.free()
      total = { atMs: now(), ...free, added: 0 }
    },
    async know(lane) {
      const last = lanes.get(lane)
      if (last !== undefined && now() - last.judged.atMs <= KNOWN_FOR_MS) return last
      const [look, away] = await Promise.all([parts.look(lane), parts.away(lane), self.lookAtAll()])
      const limit = laneLimit(self.free().shared, look.depth, { share, all: maxBacklog })
      const judged = judgeLane({ atMs: now(), ...look }, last?.judged, { limit, share })
      const known = { judged, away, added: 0 }
      if (lanes.size >= MOST_KNOWN) lanes.clear()
      lanes.set(lane, known)
      onLook(lane, known)
      return known
    },
    last: (lane) => lanes.get(lane),
    all: () => [...lanes],
    free: () => ({ all: total.all - total.added, shared: total.shared - total.added }),
    limit(lane) {
      const depth = lane === undefined ? 0 : depthOf(lane)
      return laneLimit(self.free().shared, depth, { share, all: maxBacklog })
    },
    add(lane) {
      lane.added += 1
      total.added += 1
    },
    sentAway(lane, jobs) {
      lane.away = { ...lane.away, away: lane.away.away + jobs }
    },
  }
  return self
}
