// What this adapter knows of the backlog, its lanes, and what tenants hold: a look at Redis that is valid for a moment, plus what it has
// added since.
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
   * Looks at a lane. `depth`: jobs that wait, are delayed or run. `delayed`: those of them that are not due yet (for a budget, or after what
   * they met). `active`: those that run. `answered`: a count that only grows. `halt`: why the lane stands still.
   */
  readonly look: (lane: LaneName) => Promise<{
    readonly depth: number
    readonly delayed: number
    readonly active: number
    readonly answered: number
    readonly halt: Halt | null
  }>
  /** How many jobs are back with Zeebe. */
  readonly away: (group: AwayGroup) => Promise<AwayLook>
  /** Jobs that all adapters together may still take: over all lanes, and as far as one lane may count on them. */
  readonly free: () => Promise<{ readonly all: number; readonly shared: number }>
  /** How many jobs each tenant holds in each lane. */
  readonly heldBy: () => Promise<readonly Holding[]>
  /** Jobs that all lanes may hold, over all adapters. */
  readonly maxBacklog: number
  /** Jobs that one lane may hold while no other has any. */
  readonly share: number
  /** Part of the room that one tenant may hold while no other has any; null where there is only one tenant. */
  readonly tenantShare: number | null
  /** ms, from any start. */
  readonly now: () => number
}

export interface KnownLane {
  readonly name: LaneName
  /** Its depth is without the delayed jobs: they hold up no other job of the lane, and share the room separately. */
  readonly judged: JudgedLane
  readonly delayed: number
  /** Since when it has jobs of which none runs and none was answered. */
  readonly stillSinceMs: number
  /** Jobs that this adapter has added since the look. */
  added: number
}

export interface KnownLanes {
  /** Looks at the backlog, unless it has just done so. */
  lookAtAll(): Promise<void>
  /** Looks at a lane and at the backlog, unless it has just done so. */
  know(lane: LaneName): Promise<KnownLane>
  /** The last look at a lane. */
  last(lane: LaneName): KnownLane | undefined
  all(): Iterable<readonly [LaneName, KnownLane]>
  readonly away: KnownAway
  /** Jobs that may still be taken: over all lanes, and as far as one lane may count on them. */
  free(): { readonly all: number; readonly shared: number }
  /** The free part of the backlog, or of the fullest tenant's share if that is less. */
  leastFree(): number
  /** Jobs that a lane may hold now, without the delayed ones; without an argument: an empty lane. */
  limit(lane?: KnownLane): number
  /** How many jobs each of some lanes may hold once all hold what they may. @param taken - fewer jobs are free by this many. */
  fairDepth(sharers: readonly Sharer[], taken?: number): number
  /** Delayed jobs that a lane may hold. */
  delayedLimit(lane: KnownLane): number
  /** Jobs of a tenant that a lane may still take. */
  tenantRoom(lane: KnownLane, tenantId: string): number
  /** Jobs of a tenant that a lane may hold. */
  tenantLimit(lane: KnownLane, tenantId: string): number
  /** In how many lanes a tenant has jobs; not counted where there is only one tenant. */
  lanesOf(tenantId: string): number
  /** Counts a job that this adapter has taken. */
  add(lane: KnownLane, tenantId: string): void
}

const KNOWN_FOR_MS = 250
/** A lane that no worker serves is recognised by this; workers that begin to serve a lane take a moment too. */
const STILL_MS = 3_000
const MOST_KNOWN = 10_000

/** Jobs that a lane holds, without the delayed ones, as far as this adapter knows. */
export function depthOf({ judged, added }: KnownLane): number {
  return judged.depth + added
}

/** Whether what a lane has no room for goes back to Zeebe: the lane does not move. */
export function standsStill(
  { judged: { verdict, halt, slow }, stillSinceMs }: KnownLane,
  now: number,
): boolean {
  return verdict === 'return' || halt !== null || slow || now - stillSinceMs >= STILL_MS
}

/** Whether no halt of a lane is known, and its jobs ran a moment ago. */
export function moves({ judged: { halt }, stillSinceMs }: KnownLane, now: number): boolean {
  return halt === null && now - stillSinceMs < STILL_MS
}

/** @param onLook - called after each look at a lane. */
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
      // Each lane asks, and jobs of a hundred lanes may come together.
      looking ??= look().finally(() => {
        looking = undefined
      })
      await looking
    },
    async know(lane) {
      const last = lanes.get(lane)
      if (last !== undefined && now() - last.judged.atMs <= KNOWN_FOR_MS) return last
      const [{ depth: all, delayed, active, ...look }] = await Promise.all([
        parts.look(lane),
        self.lookAtAll(),
      ])
      const depth = all - delayed
      const limit = laneLimit(self.free().shared, depth, ofLane)
      const isStill = depth > 0 && active === 0 && last?.judged.answered === look.answered
      const stillSinceMs = isStill ? last.stillSinceMs : now()
      const still = now() - stillSinceMs >= STILL_MS
      const judged = judgeLane({ atMs: now(), depth, ...look }, last?.judged, { limit, share, still })
      const known = { name: lane, judged, delayed, stillSinceMs, added: 0 }
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
    delayedLimit(lane) {
      const free = self.free().shared
      const rooms = tenants.of(lane.name).map((tenantId) => tenants.free(tenantId, free))
      return laneLimit(Math.max(0, Math.min(free, ...rooms)), lane.delayed, ofLane)
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
