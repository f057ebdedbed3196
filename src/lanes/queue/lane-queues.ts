// The writing ends of the lanes: BullMQ queues, opened when first needed, over one connection.
import { Queue } from 'bullmq'
import type { LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import type { Place } from '../order/fair-order.ts'
import { makeLaneOrder, NEW_PRIORITY, PUT_BACK_PRIORITY, placeName } from '../order/lane-order.ts'

/** A queued job as BullMQ stores it: the payload is text that only the codec can read. */
export interface StoredJob {
  readonly payload: string
  /** Of a large job: UTF-16 units of its variables and headers. */
  readonly units?: number
}

/** A job that comes into a lane. */
export interface ComingJob extends StoredJob {
  readonly id: string
  readonly turn: Place
  /** Whether it has waited before: then it goes before those that wait, unless it is in the lane already. */
  readonly waited: boolean
}

export interface LaneQueues {
  /** Adds jobs. An id that is in the lane already is left as it is, and keeps its place. */
  add(lane: LaneName, jobs: readonly ComingJob[]): Promise<void>
  /** Whether a job is in its lane: waiting, delayed or running. */
  has(lane: LaneName, id: string): Promise<boolean>
  /** Takes a job that does not run out of its lane; one that runs stays: false. */
  remove(lane: LaneName, id: string): Promise<boolean>
  close(): Promise<void>
}

const MOST_OPEN = 1_000
/**
 * A handle notes its settings in Redis when it is made. One that is used again after its lane was forgotten would not, so none is kept
 * for longer than any lane that is not used.
 */
const KEPT_MS = 4_000

export function makeLaneQueues(redis: RedisClient, keys: Keys, onError: (error: Error) => void): LaneQueues {
  const queues = new Map<LaneName, { queue: Queue<StoredJob>; usedAtMs: number }>()
  const order = makeLaneOrder(redis, keys)
  const open = (lane: LaneName): Queue<StoredJob> => {
    dropUnused(queues)
    const known = queues.get(lane)
    queues.delete(lane)
    if (known !== undefined) {
      queues.set(lane, { ...known, usedAtMs: performance.now() })
      return known.queue
    }
    const queue = new Queue<StoredJob>(keys.queue(lane), {
      connection: redis,
      prefix: keys.prefix,
      // BullMQ's event stream would keep a copy of much that happens; nobody here reads it.
      streams: { events: { maxLen: 100 } },
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    })
    queue.on('error', onError)
    queues.set(lane, { queue, usedAtMs: performance.now() })
    return queue
  }
  return {
    async add(lane, jobs) {
      await open(lane).addBulk(
        jobs.map(({ id, payload, units, turn, waited }) => ({
          name: placeName(turn),
          data: { payload, ...(units === undefined ? {} : { units }) },
          opts: { jobId: id, priority: waited ? PUT_BACK_PRIORITY : NEW_PRIORITY },
        })),
      )
      const fresh = jobs.filter(({ waited }) => !waited).map(({ id }) => id)
      if (fresh.length > 0) await order.place(lane, fresh)
    },
    has: async (lane, id) => (await redis.exists(keys.queued(lane, id))) === 1,
    async remove(lane, id) {
      await order.refund(lane, id)
      return (await open(lane).remove(id)) === 1
    },
    async close() {
      await Promise.allSettled([...queues.values()].map(({ queue }) => queue.close()))
      queues.clear()
    },
  }
}

/** The map has the one that was not used for longest first. */
function dropUnused(queues: Map<LaneName, { readonly queue: Queue; readonly usedAtMs: number }>): void {
  for (const [lane, { queue, usedAtMs }] of queues) {
    if (queues.size <= MOST_OPEN && performance.now() - usedAtMs < KEPT_MS) return
    queues.delete(lane)
    queue.close().catch(() => {
      // The connection is shared and stays open; there is nothing to be done for a queue object that is let go.
    })
  }
}
