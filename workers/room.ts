// How many jobs an adapter may take, from the settings and from what Redis holds. Wiring only.
import { capacity, countedOutcomes, sharedRoom } from '../src/activate/capacity.ts'
import { type LaneRoom, type LaneRoomParts, makeLaneRoom } from '../src/enqueue/lane-room.ts'
import { makeAwayStore } from '../src/redis/away-store.ts'
import { makeLaneLooks } from '../src/redis/look-lanes.ts'
import type { ProcessParts } from './role.ts'

/**
 * One lane may hold three quarters of the backlog, unless it is set.
 * @param stuck - outcomes that wait for a partition that takes none.
 */
export function makeRoom(parts: ProcessParts, stuck: () => number): LaneRoom {
  const { settings, events, store, redis, keys } = parts
  const { maxBacklog, maxLaneBacklog } = settings
  const bounds = { jobs: maxBacklog, bytes: settings.maxBacklogBytes }
  return makeLaneRoom({
    look: makeLookAtLane(parts),
    away: makeAwayStore(redis, keys),
    async free() {
      const { held, outcomes, bytes } = await store.backlog()
      const load = { held, outcomes: countedOutcomes(outcomes, stuck(), bounds), bytes, arriving: 0 }
      return { all: capacity(load, bounds), shared: sharedRoom(load, bounds) }
    },
    maxBacklog,
    share: maxLaneBacklog ?? Math.ceil(0.75 * maxBacklog),
    events,
    random: Math.random,
    now: performance.now.bind(performance),
  })
}

/** How full a lane is, how many of its jobs were answered, and why it stands still. */
function makeLookAtLane({ redis, keys, registry }: ProcessParts): LaneRoomParts['look'] {
  const looks = makeLaneLooks(redis, keys)
  return async (lane) => {
    const [[look], answered] = await Promise.all([looks.look([lane]), registry.answered(lane)])
    if (look === undefined) throw new TypeError(`No look at lane ${lane}.`)
    const { jobs, wishes, paused, outage } = look
    return {
      depth: jobs.waiting + jobs.prioritized + jobs.delayed + jobs.active,
      answered,
      halt: wishes.draining ? 'draining' : paused ? 'paused' : outage !== null ? 'outage' : null,
    }
  }
}
