// BullMQ's handles of lanes for those who look and steer, opened when first needed, over one connection. They add no jobs.
import { Queue } from 'bullmq'
import type { LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import { makeIsServed } from '../served-lanes.ts'

export interface LaneQueueHandles {
  of(lane: LaneName): Queue
  /** Whether any process serves the lane; known for a few seconds. */
  isServed(lane: LaneName): Promise<boolean>
  /** Tells workers that jobs of a lane are due that were put off. */
  wake(lane: LaneName): Promise<void>
  /** Lets go of the handle of a lane; it is opened anew when it is needed. */
  forget(lane: LaneName): void
  close(): Promise<void>
}

/**
 * How BullMQ takes jobs back from workers that died (lanes/queue/reclaim-jobs.ts). It would fail a job whose worker died twice: that is
 * not its decision here, see ledger/job-state.ts.
 */
const WORKERS_THAT_DIED = { maxStalledCount: 1_000_000_000, stalledInterval: 4_000 }

/** Those that were not used for longest are let go of. */
const MOST_OPEN = 1_000

export function makeLaneQueueHandles(
  redis: RedisClient,
  keys: Keys,
  onError: (error: Error) => void,
): LaneQueueHandles {
  const queues = new Map<LaneName, Queue>()
  const isServed = makeIsServed(keys.prefix)
  const handles: LaneQueueHandles = {
    isServed: (lane) => isServed(handles.of(lane), lane),
    async wake(lane) {
      await redis.publish(keys.laneChannel, lane)
    },
    of(lane) {
      const known = queues.get(lane)
      if (known !== undefined) {
        queues.delete(lane)
        queues.set(lane, known)
        return known
      }
      const queue = new Queue(keys.queue(lane), {
        connection: redis,
        prefix: keys.prefix,
        skipMetasUpdate: true,
        // Redis was asked at start; each handle would ask again.
        skipVersionCheck: true,
        ...WORKERS_THAT_DIED,
      })
      queue.on('error', onError)
      queues.set(lane, queue)
      const [oldest] = queues
      if (queues.size > MOST_OPEN && oldest !== undefined) {
        queues.delete(oldest[0])
        // The connection is shared and stays open.
        oldest[1].close().catch(onError)
      }
      return queue
    },
    forget(lane) {
      void queues
        .get(lane)
        ?.close()
        .catch(() => undefined)
      queues.delete(lane)
    },
    async close() {
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()))
    },
  }
  return handles
}
