// How a bedrock role opens a lane: with its pace, and what it may hold of this process. Wiring only.

import type { JobRunner } from '../src/execute/execute-job.ts'
import type { JobRoom } from '../src/execute/job-room.ts'
import { type LanePaceParts, makeServedLane, type ServedLane } from '../src/execute/served-lane.ts'
import type { LaneName } from '../src/job/ids.ts'
import type { Lane } from '../src/job/lane.ts'
import { makePaceStore } from '../src/lanes/pace/pace-store.ts'
import { spilloverOf } from '../src/lanes/pace/spillover.ts'
import type { LaneQueues } from '../src/lanes/queue/lane-queues.ts'
import { type LaneWorkerOptions, startLaneWorker } from '../src/lanes/queue/lane-worker.ts'
import { modelBehind } from '../src/rules/model-profiles.ts'
import { makeLoopLoad } from '../src/time/loop-load.ts'
import type { ProcessParts } from './role.ts'

/** More than the memory of a process has room for (src/execute/job-room.ts), and than a lane's share of the backlog. */
const UNBOUNDED = 10_000

/** How soon to check again for room in this process. */
const FULL_MS = 50
/** How soon to check again whether a busy process has caught up. */
const BUSY_MS = 25
/**
 * Jobs in hand up to which even a busy process fetches more. Beyond, what it fetched would only fill its memory: it fetches when its
 * event loop has time.
 */
const FEW_JOBS = 100

/** @param run - what executes the jobs of the lane. */
export function laneOpener(
  { settings, redis, keys }: ProcessParts,
  {
    pace,
    room,
    run,
    inHand,
    onError,
    queues,
    stopping,
  }: Pick<LaneWorkerOptions<ServedLane>, 'run' | 'onError' | 'stopping'> & {
    readonly inHand: JobRunner['inHand']
    readonly queues: Pick<LaneQueues, 'wake'>
    readonly pace: LanePaceParts
    readonly room: JobRoom
  },
) {
  const isSaturated = makeLoopLoad()
  const busyMs = (lane: LaneName): number => {
    if (room.isAwaitedIn(lane)) return FULL_MS
    return inHand() >= FEW_JOBS && isSaturated() ? BUSY_MS : 0
  }
  return (name: LaneName, lane: Lane) =>
    startLaneWorker(makeServedLane(name, lane, pace), {
      redis,
      keys,
      concurrency: settings.laneConcurrency ?? UNBOUNDED,
      now: Date.now,
      run,
      busyMs: () => busyMs(name),
      onError,
      wakeOthers: queues.wake,
      stopping,
    })
}

export function lanePace(
  { settings, events, redis, keys, name, laneRules }: ProcessParts,
  reopen: LanePaceParts['reopen'],
): LanePaceParts {
  const { quotaOf, current } = laneRules
  const serves = (region: string) => settings.regions?.includes(region) ?? true
  return {
    store: makePaceStore(redis, keys, name),
    quotaOf,
    spilloverOf: (lane) => spilloverOf(lane, current().routes, serves),
    modelOf: ({ model }) => modelBehind(current().profiles, model),
    random: Math.random,
    reopen,
    onFailure: (error) => events.emit('fault', { where: 'asking for the pace of a lane', error }),
    now: () => performance.now(),
    onOutage: (lane, change) => {
      if (change.kind === 'began') events.emit('outageBegan', { lane, why: change.why })
      else events.emit('outageEnded', { lane, lastedMs: change.lastedMs })
    },
  }
}
