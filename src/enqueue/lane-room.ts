// How many jobs lanes may still take, by how full they are and how fast they move; and the order in which their jobs come
// where some of them had to go back to Zeebe.
import type { JobKey, LaneName } from '../job/ids.ts'
import type { AwayStore, Leaving } from '../redis/away-store.ts'
import type { Events } from '../telemetry/events.ts'
import { type ComingJob, chooseLeft, timeAway } from './away-jobs.ts'
import {
  depthOf,
  type KnownLane,
  type KnownLanes,
  type KnownLanesParts,
  makeKnownLanes,
} from './known-lanes.ts'
import { makeStuckLanes } from './stuck-lanes.ts'

export interface LaneRoomParts extends Omit<KnownLanesParts, 'away'> {
  readonly away: AwayStore
  readonly events: Events
  readonly random: () => number
}

export interface LaneRoom {
  /**
   * How many jobs may be activated now, whichever lanes they are of. None while a lane that moves has its share.
   * @param arriving - jobs that this adapter has taken and not accepted yet.
   */
  fits(arriving: number): Promise<number>
  /** Takes room for jobs of a lane; resolves with those that it has none for. The others are to be queued. */
  take(lane: LaneName, jobs: readonly JobKey[]): Promise<readonly ComingJob[]>
  /** How long jobs of a lane are to stay away that go back to Zeebe, ms each. */
  timesAway(lane: LaneName, jobs: readonly ComingJob[]): readonly number[]
  /** Notes that they are away, once Zeebe knows it. */
  wentAway(lane: LaneName, jobs: readonly Leaving[]): Promise<void>
  /** Why the last look at a lane left jobs that were to be taken. */
  why(lane: LaneName): 'laneFull' | 'laneDraining'
  /** The oldest of the jobs that went back and have room now. Each is told once, to one adapter. */
  recall(): Promise<readonly { readonly lane: LaneName; readonly key: JobKey }[]>
  /** A job that was to be called back is gone. */
  forget(lane: LaneName, key: JobKey): Promise<void>
}

/** Lanes that are nearer to their limit than this, or have half of it, are looked at before each activation. */
const NEAR = 200

export function makeLaneRoom(parts: LaneRoomParts): LaneRoom {
  const { away, now, random } = parts
  const stuck = makeStuckLanes(parts.events, now)
  const lanes = makeKnownLanes({ ...parts, away: away.look }, (lane, known) => stuck.looked(lane, known))
  return {
    fits: (arriving) => fits(lanes, arriving),
    async take(lane, jobs) {
      const known = await lanes.know(lane)
      const nobodyAway = known.away.away === 0 && known.away.recalled === 0
      const arrivals = nobodyAway ? [] : await away.arrive(lane, jobs)
      const came = jobs.map((key, index) => ({ key, ...(arrivals[index] ?? NEW) }))
      return chooseLeft(came, (older) => {
        const has = hasRoom(lanes, known, older)
        if (has) lanes.add(known)
        return has
      })
    },
    timesAway(lane, jobs) {
      const known = lanes.last(lane)
      if (known === undefined || jobs.length === 0) return []
      const times = jobs.map((_, index) => timeAway(known.away.away + index + 1, random))
      lanes.sentAway(known, jobs.length)
      stuck.sentAway(lane, known, Math.max(...times))
      return times
    },
    wentAway: away.leave,
    why: (lane) => (lanes.last(lane)?.judged.halt === 'draining' ? 'laneDraining' : 'laneFull'),
    async recall() {
      const called: { lane: LaneName; key: JobKey }[] = []
      for (const lane of new Set([...(await away.lanes()), ...stuck.lanes()])) {
        const known = await lanes.know(lane)
        if (known.away.away + known.away.recalled === 0) await away.dropLane(lane)
        else for (const key of await away.recall(lane, toRecall(lanes, known))) called.push({ lane, key })
      }
      return called
    },
    forget: away.forget,
  }
}

/** A job of which nothing is known. */
const NEW = { order: null, recalled: false, older: 0 } as const

async function fits(lanes: KnownLanes, arriving: number): Promise<number> {
  await lanes.lookAtAll()
  const free = lanes.free().all - arriving
  if (free <= 0) return 0
  // A lane of which nothing is known may be that of all jobs that come.
  let room = Math.min(free, lanes.limit())
  for (const [lane, last] of lanes.all()) {
    const limit = lanes.limit(last)
    if (last.judged.verdict === 'room' && limit - depthOf(last) > Math.min(NEAR, limit / 2)) continue
    const known = await lanes.know(lane)
    if (known.judged.verdict === 'return' || known.judged.halt === 'draining') continue
    const left = lanes.limit(known) - depthOf(known) - known.away.onTheirWay
    // Half of it, since other adapters see the same room.
    room = Math.min(room, Math.ceil(left / 2))
    if (room <= 0) return 0
  }
  return room
}

/** Of what a lane may hold, what is left of it when those that were called back have not come in time. */
const ABOUT_DRY = 1 / 8

/** A job of a lane is taken where there is room for it and for all that are away and older. */
function hasRoom(lanes: KnownLanes, known: KnownLane, older: number): boolean {
  const { halt, verdict } = known.judged
  if (halt === 'draining') return false
  // What was on its way when a lane that moves had its share may fill half of what was free then.
  const beyond = verdict === 'return' ? 0 : Math.max(0, Math.floor((lanes.free().all + known.added) / 2))
  const limit = lanes.limit(known) + beyond
  const depth = depthOf(known)
  // A lane that is about to run dry waits for nobody.
  return depth + older < limit || depth < limit * ABOUT_DRY
}

/** How many jobs of a lane are to be called back. */
function toRecall(lanes: KnownLanes, known: KnownLane): number {
  if (known.judged.halt === 'draining') return 0
  const room = Math.min(lanes.limit(known) - depthOf(known), lanes.free().all)
  return Math.max(0, room - known.away.recalled)
}
