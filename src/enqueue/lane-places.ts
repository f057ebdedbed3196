// Bounds the number of lanes: each costs connections, keys and metric series, and its name is any text of a diagram. An unused lane loses
// its place; the jobs of a lane that gets none wait in Zeebe.
import type { LaneName } from '../job/ids.ts'
import type { LaneRegistry, RegisteredLane } from '../lanes/lane-registry.ts'
import type { Events } from '../telemetry/events.ts'
import { laneLimit } from './lane-share.ts'

export interface LanePlacesParts {
  readonly registry: Pick<LaneRegistry, 'enter' | 'count' | 'list' | 'forget' | 'clear'>
  /** Most lanes at a time. */
  readonly most: number
  /** Part of them that one tenant may use while no other uses any; null where there is only one tenant. */
  readonly tenantShare: number | null
  /** In how many lanes a tenant has jobs. */
  readonly lanesOf: (tenantId: string) => number
  readonly events: Events
  /** ms, from any start. */
  readonly now: () => number
}

export interface LanePlaces {
  /** Whether a lane has a place, or gets one now. */
  admits(lane: LaneName, tenantId: string): Promise<boolean>
  /** Frees the places of empty, unused lanes while places are short. Called by one adapter at a time. */
  freeSome(): Promise<void>
  /**
   * Registered lanes that must give up their jobs because they were not used for long, the longest unused first. None while there
   * are free places.
   */
  inTheWay(): Promise<readonly LaneName[]>
}

const KNOWN_FOR_MS = 5_000
const REFUSED_FOR_MS = 1_000
const MOST_KNOWN = 10_000
/** A lane that was used more recently keeps its place; the second applies when no place is left. */
const IDLE_MS = 60_000
const IDLE_WHEN_FULL_MS = 5_000
/** Lanes whose places are freed in one step. */
const MOST_AT_ONCE = 100
const MOST_IN_THE_WAY = 10
/** A lane gives up its jobs after this long without a new job or an answer. */
const IN_THE_WAY_MS = 30_000
const TELL_EVERY_MS = 60_000
/** After this, nothing is under way any more in a lane that was forgotten. */
const SETTLED_MS = 30_000

export function makeLanePlaces(parts: LanePlacesParts): LanePlaces {
  const { registry, most, tenantShare, lanesOf, events, now } = parts
  const known = new Map<LaneName, { readonly untilMs: number; readonly admitted: boolean }>()
  const forgottenAt = new Map<LaneName, number>()
  let [toldMs, count] = [Number.NEGATIVE_INFINITY, 0]
  const note = (lane: LaneName, admitted: boolean): boolean => {
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(lane, { untilMs: now() + (admitted ? KNOWN_FOR_MS : REFUSED_FOR_MS), admitted })
    if (!admitted && now() - toldMs >= TELL_EVERY_MS) {
      toldMs = now()
      events.emit('lanesFull', { lane, lanes: count, most })
    }
    return admitted
  }
  const enter = makeEntering(registry)
  const mayHave = (tenantId: string): boolean => {
    if (tenantShare === null) return true
    const has = lanesOf(tenantId)
    return has < laneLimit(Math.max(0, most - count), has, { share: tenantShare * most, all: most })
  }
  const idle = async (): Promise<readonly RegisteredLane[]> => {
    const lanes = await registry.list()
    count = lanes.length
    return lanes.toSorted((one, other) => one.usedAtMs - other.usedAtMs)
  }
  return {
    async admits(lane, tenantId) {
      const last = known.get(lane)
      if (last !== undefined && now() < last.untilMs) return last.admitted
      // A tenant that has used up its share keeps the lanes it has.
      const { entered, lanes } = await enter(lane, mayHave(tenantId) ? most : 0)
      count = lanes
      return note(lane, entered)
    },
    async freeSome() {
      for (const [lane, atMs] of forgottenAt) {
        if (now() - atMs < SETTLED_MS) break
        forgottenAt.delete(lane)
        await registry.clear(lane)
      }
      count = await registry.count()
      if (count <= most / 2) return
      const lanes = await idle()
      const idleMs = count >= most ? IDLE_WHEN_FULL_MS : IDLE_MS
      const unused = lanes.filter((lane) => lane.idleMs > idleMs)
      let left = count - Math.floor(most / 2)
      while (unused.length > 0 && left > 0) {
        const some = unused.splice(0, Math.min(left, MOST_AT_ONCE))
        const gone = await Promise.all(some.map(registry.forget))
        for (const { name } of some.filter((_, index) => gone[index])) forgottenAt.set(name, now())
        left -= gone.filter((each) => each).length
      }
    },
    async inTheWay() {
      if (count < most) return []
      const lanes = await idle()
      return lanes
        .filter((lane) => lane.idleMs > IN_THE_WAY_MS)
        .slice(0, MOST_IN_THE_WAY)
        .map(({ name }) => name)
    },
  }
}

/** Jobs of a lane come many at a time: the first one asks for all. */
function makeEntering(registry: Pick<LaneRegistry, 'enter'>): LaneRegistry['enter'] {
  const entering = new Map<string, ReturnType<LaneRegistry['enter']>>()
  return (lane, most) => {
    const id = `${most} ${lane}`
    const asked = entering.get(id) ?? registry.enter(lane, most).finally(() => entering.delete(id))
    entering.set(id, asked)
    return asked
  }
}
