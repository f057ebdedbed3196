// What is known of the backlog, of its lanes and of what tenants hold: by looks that count for a moment, and by what this
// adapter has added since.
import type { LaneName } from '../job/ids.ts'
import type { AwayGroup, AwayLook } from '../lanes/away/away-store.ts'
import { type KnownAway, makeKnownAway } from './known-away.ts'
import { type Holding, makeKnownTenants } from './known-tenants.ts'
import {
  fairDepth,
  type Halt,
  type JudgedLane,
  judgeLane,
  laneLimit,
  type Share,
  type Sharer,
} from './lane-share.ts'

export interface KnownLanesParts {
  /**
   * A lane: jobs that wait, are delayed or run; how many of them are put off (for a budget, or after what they met), and how many
   * run; jobs that were answered, from any start; why it stands still.
   */
  readonly look: (lane: LaneName) => Promise<{
    readonly depth: number
    readonly putOff: number
    readonly active: number
    readonly answered: number
    readonly halt: Halt | null
  }>
  /** How many jobs are back with Zeebe. */
  readonly away: (group: AwayGroup) => Promise<AwayLook>
  /** Jobs that may be taken still, by all adapters together: of all lanes, and as one lane may count with. */
  readonly free: () => Promise<{ readonly all: number; readonly shared: number }>
  /** Who holds how many jobs in which lane. */
  readonly heldBy: () => Promise<readonly Holding[]>
  /** Jobs that all lanes may hold, of all adapters together. */
  readonly maxBacklog: number
  /** Jobs that one lane may hold while no other has any. */
  readonly share: number
  /** The part of the room that one tenant may hold while no other has any; null: there is one tenant only. */
  readonly tenantShare: number | null
  /** ms, from any start. */
  readonly now: () => number
}

export interface KnownLane {
  readonly name: LaneName
  /** Its depth is of the jobs that are not put off: those share the room apart, since they hold up none of the lane. */
  readonly judged: JudgedLane
  readonly putOff: number
  /** When it was first seen with jobs of which none runs, and none was answered since. */
  readonly stillSinceMs: number
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
  readonly away: KnownAway
  /** Jobs that may be taken still: of all lanes, and as one lane may count with. */
  free(): { readonly all: number; readonly shared: number }
  /** The part of the backlog that is free, or of what a tenant may hold, whichever is less. */
  leastFree(): number
  /** Jobs that a lane may hold now besides those that are put off; of one that has none, without a lane. */
  limit(lane?: KnownLane): number
  /** Jobs that each of some lanes may hold once all of them hold what they may, with so many fewer that are free. */
  fairDepth(sharers: readonly Sharer[], taken?: number): number
  /** Jobs of a lane that may be put off. */
  putOffLimit(lane: KnownLane): number
  /** Jobs of a tenant that a lane may take still. */
  tenantRoom(lane: KnownLane, tenantId: string): number
  /** Jobs of a tenant that a lane may hold. */
  tenantLimit(lane: KnownLane, tenantId: string): number
  /** In how many lanes a tenant has jobs; where there is one tenant only it is not counted. */
  lanesOf(tenantId: string): number
  /** This adapter has taken a job of a lane. */
  add(lane: KnownLane, tenantId: string): void
}

const KNOWN_FOR_MS = 250
/** A lane without a worker is known by this; one that workers have just begun to serve takes a moment, too. */
const STILL_MS = 3_000
const MOST_KNOWN = 10_000

/** Jobs that a lane holds and that are not put off, as far as this adapter knows. */
export function depthOf({ judged, added }: KnownLane): number {
  return judged.depth + added
}

/** Whether a lane holds up nobody: what it has no room for goes back. */
export function standsStill(
  { judged: { verdict, halt, slow }, stillSinceMs }: KnownLane,
  now: number,
): boolean {
  return verdict === 'return' || halt !== null || slow || now - stillSinceMs >= STILL_MS
}

/** Whether nothing is known to hold a lane up, and jobs of it ran a moment ago. */
export function moves({ judged: { halt }, stillSinceMs }: KnownLane, now: number): boolean {
  return halt === null && now - stillSinceMs < STILL_MS
}

/** @param onLook - a lane was looked at. */
export function makeKnownLanes(
  parts: KnownLanesParts,
  onLook: (lane: LaneName, known: KnownLane) => void,
): KnownLanes {
  const { share, maxBacklog, tenantShare, now } = parts
  const ofLane: Share = { share, all: maxBacklog }
  const lanes = new Map<LaneName, KnownLane>()
  const tenants = makeKnownTenants({ maxBacklog, laneShare: share, tenantShare })
  let total = { atMs: Number.NEGATIVE_INFINITY, all: 0, shared: 0, added: 0 }
  let looking: Promise<void> | undefined
  const look = async (): Promise<void> => {
    const [free, holdings] = await Promise.all([parts.free(), tenantShare === null ? [] : parts.heldBy()])
    tenants.seen(holdings)
    total = { atMs: now(), ...free, added: 0 }
  }
  const shared = (lane: KnownLane) => ({ name: lane.name, room: self.limit(lane) - depthOf(lane) })
  const self: KnownLanes = {
    away: makeKnownAway(parts.away, now),
    async lookAtAll() {
      if (now() - total.atMs <= KNOWN_FOR_MS) return
      // Jobs of a hundred lanes may come at a time, and each lane asks.
      looking ??= look().finally(() => {
        looking = undefined
      })
      await looking
    },
    async know(lane) {
      const last = lanes.get(lane)
      if (last !== undefined && now() - last.judged.atMs <= KNOWN_FOR_MS) return last
      const [{ depth: all, putOff, active, ...look }] = await Promise.all([
        parts.look(lane),
        self.lookAtAll(),
      ])
      const depth = all - putOff
      const limit = laneLimit(self.free().shared, depth, ofLane)
      const isStill = depth > 0 && active === 0 && last?.judged.answered === look.answered
      const stillSinceMs = isStill ? last.stillSinceMs : now()
      const still = now() - stillSinceMs >= STILL_MS
      const judged = judgeLane({ atMs: now(), depth, ...look }, last?.judged, { limit, share, still })
      const known = { name: lane, judged, putOff, stillSinceMs, added: 0 }
      if (lanes.size >= MOST_KNOWN) lanes.clear()
      lanes.set(lane, known)
      onLook(lane, known)
      return known
    },
    last: (lane) => lanes.get(lane),
    all: () => [...lanes],
    free: () => ({ all: total.all - total.added, shared: total.shared - total.added }),
    leastFree() {
      const { shared } = self.free()
      return Math.min(shared / maxBacklog, tenants.leastFree(shared))
    },
    limit: (lane) => laneLimit(self.free().shared, lane === undefined ? 0 : depthOf(lane), ofLane),
    fairDepth: (sharers, taken = 0) => fairDepth(sharers, self.free().shared - taken, ofLane),
    putOffLimit(lane) {
      const free = self.free().shared
      const rooms = tenants.of(lane.name).map((tenantId) => tenants.free(tenantId, free))
      return laneLimit(Math.max(0, Math.min(free, ...rooms)), lane.putOff, ofLane)
    },
    tenantRoom: (lane, tenantId) => tenants.room(shared(lane), tenantId, self.free().shared),
    tenantLimit: (lane, tenantId) => tenants.limit(shared(lane), tenantId, self.free().shared),
    lanesOf: tenants.lanes,
    add(lane, tenantId) {
      lane.added += 1
      total.added += 1
      tenants.add(lane.name, tenantId)
    },
  }
  return self
}
