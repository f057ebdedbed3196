// How many jobs an adapter may take, from the settings and from what Redis holds, and how excess jobs go back. Wiring only.
import { capacity, countedOutcomes, sharedRoom } from '../src/activate/capacity.ts'
import { makeJobReturns } from '../src/activate/return-jobs.ts'
import type { JobPort } from '../src/camunda/job-port.ts'
import type { AwayJob } from '../src/enqueue/enqueue-jobs.ts'
import { makeGiveBack } from '../src/enqueue/give-back.ts'
import { type LanePlaces, makeLanePlaces } from '../src/enqueue/lane-places.ts'
import { type LaneRoom, type LaneRoomParts, makeLaneRoom } from '../src/enqueue/lane-room.ts'
import { groupName, makeAwayStore } from '../src/lanes/away/away-store.ts'
import { makeLaneLooks } from '../src/lanes/look-lanes.ts'
import { makeLaneRest } from '../src/lanes/order/lane-rest.ts'
import { makeBudgetWaits } from '../src/lanes/queue/budget-waits.ts'
import type { LaneQueues } from '../src/lanes/queue/lane-queues.ts'
import { makeDuty } from '../src/redis/duty.ts'
import { makeService, type Service } from '../src/time/service.ts'
import type { ProcessParts } from './role.ts'

/**
 * By default one lane may hold half of the backlog, and so may one of several tenants.
 * @param stuck - outcomes that wait for a partition that takes no commands.
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
    heldBy: store.heldBy,
    maxBacklog,
    share: maxLaneBacklog ?? Math.ceil(maxBacklog / 2),
    tenantShare: tenantShare(parts),
    events,
    random: Math.random,
    now: performance.now.bind(performance),
  })
}

/** Which lanes may exist. */
export function makePlaces(parts: ProcessParts, room: Pick<LaneRoom, 'lanesOf'>): LanePlaces {
  const { settings, registry, events } = parts
  return makeLanePlaces({
    registry,
    events,
    most: settings.maxLanes,
    tenantShare: tenantShare(parts),
    lanesOf: room.lanesOf,
    now: performance.now.bind(performance),
  })
}

function tenantShare({ settings: { zeebe, maxTenantShare } }: ProcessParts): number | null {
  return zeebe.tenantIds.length > 1 ? maxTenantShare : null
}

/** How full a lane is, how many of its jobs were answered, and why it stands still. */
function makeLookAtLane({ redis, keys, registry }: ProcessParts): LaneRoomParts['look'] {
  const looks = makeLaneLooks(redis, keys)
  return async (lane) => {
    const [[look], answered] = await Promise.all([looks.look([lane]), registry.answered(lane)])
    if (look === undefined) throw new TypeError(`No look at lane ${lane}.`)
    const { jobs, overrides, paused, outage } = look
    return {
      depth: jobs.waiting + jobs.prioritized + jobs.delayed + jobs.active,
      delayed: jobs.delayed,
      active: jobs.active,
      answered,
      halt: overrides.draining ? 'draining' : paused ? 'paused' : outage !== null ? 'outage' : null,
    }
  }
}

/** Returns jobs to Zeebe for a while, and keeps their order. */
export type GoAway = (jobs: readonly AwayJob[]) => Promise<void>

export function makeGoAway(port: JobPort, room: Pick<LaneRoom, 'wentAway'>): GoAway {
  const returns = makeJobReturns({ port, random: Math.random })
  return async (jobs) => {
    await returns.untilLater(jobs.filter(({ told }) => told))
    const ordered = jobs.flatMap(({ group, told: _, ...job }) => (group === null ? [] : [{ ...job, group }]))
    for (const ofGroup of Map.groupBy(ordered, ({ group }) => groupName(group)).values())
      if (ofGroup[0] !== undefined) await room.wentAway(ofGroup[0].group, ofGroup)
  }
}

const ROOM_EVERY_MS = 1_000
/** A job that was taken out of its lane, and not returned by then, is in no lane: other adapters call it back. */
const ROOM_STOP_WITHIN_MS = 10_000

/** Lanes that do not move give back what they hold beyond their share while room is short. One adapter at a time checks. */
export function makeRoomSweep(
  { redis, keys, name, store, events }: ProcessParts,
  {
    queues,
    room,
    places,
    goAway,
  }: { queues: LaneQueues; room: LaneRoom; places: LanePlaces; goAway: GoAway },
): Service {
  const rest = makeLaneRest(redis, keys)
  const waits = makeBudgetWaits(redis, keys)
  const giveBack = makeGiveBack({ room, places, rest, queues, waits, store, events })
  const duty = makeDuty(redis, keys.roomDuty, name)
  return makeService({
    name: 'making room for other lanes',
    async round() {
      if (await duty.isMine()) await goAway(await giveBack())
      return ROOM_EVERY_MS
    },
    onFault: (fault) => events.emit('fault', fault),
    firstAfterMs: ROOM_EVERY_MS,
    stopWithinMs: ROOM_STOP_WITHIN_MS,
  })
}
