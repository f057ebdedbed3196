// How a bedrock role opens a lane: with its pace, and what it may hold of this process. Wiring only.

import type { JobRoom } from '../src/execute/job-room.ts'
import { type LaneWorkerOptions, startLaneWorker } from '../src/execute/lane-worker.ts'
import { type LanePaceParts, makeServedLane } from '../src/execute/served-lane.ts'
import type { LaneName } from '../src/job/ids.ts'
import type { Lane } from '../src/job/lane.ts'
import { modelBehind } from '../src/pace/model-profiles.ts'
import { routeOf } from '../src/pace/route.ts'
import { makePaceStore } from '../src/redis/pace-store.ts'
import type { ProcessParts } from './role.ts'

export function laneOpener(
  { settings, redis, keys }: ProcessParts,
  {
    room,
    pace,
    ...ends
  }: Pick<LaneWorkerOptions, 'run' | 'onError' | 'stopping'> & {
    readonly room: JobRoom
    readonly pace: LanePaceParts
  },
) {
  return (name: LaneName, lane: Lane) =>
    startLaneWorker(makeServedLane(name, lane, pace), {
      ...{ ...ends, redis, keys, concurrency: settings.laneConcurrency, now: Date.now },
      isFull: () => room.isAwaitedIn(name),
    })
}

export function lanePace({ settings, events, redis, keys, name, laneRules }: ProcessParts): LanePaceParts {
  const { quotaOf, current } = laneRules
  const serves = (region: string) => settings.regions?.includes(region) ?? true
  return {
    store: makePaceStore(redis, keys, name),
    quotaOf,
    routeOf: (lane) => routeOf(lane, current().routes, serves),
    modelOf: ({ model }) => modelBehind(current().profiles, model),
    random: Math.random,
    onFailure: (error) => events.emit('fault', { where: 'asking for the pace of a lane', error }),
    now: () => performance.now(),
    onOutage: (lane, change) => {
      if (change.kind === 'began') events.emit('outageBegan', { lane, why: change.why })
      else events.emit('outageEnded', { lane, lastedMs: change.lastedMs })
    },
  }
}
