// Which lane a request is for, and the way of a job into it. Wiring only.
import type { ExecuteParts } from '../src/execute/execute-job.ts'
import type { WaitingLanes } from '../src/execute/waiting-lanes.ts'
import { requestLane } from '../src/job/request-lane.ts'
import type { LaneRegistry } from '../src/redis/lane-registry.ts'
import type { ProcessParts } from './role.ts'

export function makeLaneOf({ registry }: ProcessParts): ExecuteParts['laneOf'] {
  return async ({ region, call: { modelId }, credentials }) => {
    const accessKey = credentials.kind === 'static' ? credentials.accessKey : null
    return requestLane({ region, modelId, accessKey }, await registry.accountKey())
  }
}

/** What puts a job into another lane than it was taken from: the lane is known first, or nobody would look for jobs in it. */
export function makePutInto(registry: LaneRegistry, lanes: WaitingLanes): ExecuteParts['putInto'] {
  return async (lane, job) => {
    await registry.touch(lane)
    await lanes.add(lane, job)
  }
}
