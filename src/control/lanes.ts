// The lanes as an operator sees them. Read from Redis by one process, so that figures are exact over pods.
import type { LaneName } from '../job/ids.ts'
import { type Lane, parseLaneName } from '../job/lane.ts'
import type { LaneQueueHandles } from './lane-queue-handles.ts'

/** Jobs of a lane by where they are. */
export interface LaneDepth extends Lane {
  readonly name: LaneName
  /** For their turn. */
  readonly waiting: number
  /** After a throttle or a transient error, until they are due. */
  readonly delayed: number
  /** With a worker. */
  readonly active: number
}

export async function laneDepth(name: LaneName, queues: LaneQueueHandles): Promise<LaneDepth> {
  const counts = await queues.of(name).getJobCounts('waiting', 'prioritized', 'delayed', 'active')
  const { waiting = 0, prioritized = 0, delayed = 0, active = 0 } = counts
  return { ...parseLaneName(name), name, waiting: waiting + prioritized, delayed, active }
}
