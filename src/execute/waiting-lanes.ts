// Lanes as far as jobs that wait in them are concerned, whether this worker serves them or not.
import { Queue } from 'bullmq'
import type { LaneName } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { makeLaneOrder } from '../redis/lane-order.ts'

export interface WaitingLanes {
  /** The payload of a queued job, undefined when it is not in the lane. */
  peek(lane: LaneName, id: string): Promise<string | undefined>
  /** Takes a queued job that does not run out of the lane. */
  remove(lane: LaneName, id: string): Promise<void>
  /** Makes delayed jobs due now, as when the rules that made them wait have changed. */
  promote(lane: LaneName): Promise<void>
  /** Jobs that wait, are delayed or run, in all processes. */
  depth(lane: LaneName): Promise<number>
  /** Whether any process serves the lane; known for a few seconds. */
  served(lane: LaneName): Promise<boolean>
  close(): Promise<void>
}

const KNOWN_FOR_MS = 5_000

export function makeWaitingLanes(
  redis: RedisClient,
  keys: Keys,
  onError: (error: Error) => void,
): WaitingLanes {
  const queues = new Map<LaneName, Queue<{ payload: string }>>()
  const order = makeLaneOrder(redis, keys)
  const servedAt = new Map<LaneName, { at: number; served: Promise<boolean> }>()
  const queue = (lane: LaneName): Queue<{ payload: string }> => {
    const known = queues.get(lane)
    if (known !== undefined) return known
    const opened = new Queue<{ payload: string }>(keys.queue(lane), {
      connection: redis,
      prefix: keys.prefix,
      skipMetasUpdate: true,
    })
    opened.on('error', onError)
    queues.set(lane, opened)
    return opened
  }
  return {
    peek: async (lane, id) => (await queue(lane).getJob(id))?.data.payload,
    async remove(lane, id) {
      await order.refund(lane, id)
      await queue(lane).remove(id)
    },
    promote: (lane) => queue(lane).promoteJobs(),
    depth: (lane) => queue(lane).getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized'),
    served(lane) {
      const known = servedAt.get(lane)
      if (known !== undefined && performance.now() - known.at < KNOWN_FOR_MS) return known.served
      const served = queue(lane)
        .getWorkersCount()
        .then((count) => count > 0)
      servedAt.set(lane, { at: performance.now(), served })
      return served
    },
    async close() {
      await Promise.allSettled([...queues.values()].map((opened) => opened.close()))
      queues.clear()
    },
  }
}
