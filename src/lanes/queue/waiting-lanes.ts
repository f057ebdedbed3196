// Lanes as far as jobs that wait in them are concerned, whether this worker serves them or not.
import { Job, type Queue } from 'bullmq'
import type { LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import { makeLaneOrder, NEW_PRIORITY } from '../order/lane-order.ts'
import { makeBudgetWaits } from './budget-waits.ts'
import type { TakenJob } from './taken-job.ts'

export interface WaitingLanes {
  /** The payload of a queued job, undefined when it is not in the lane. */
  peek(lane: LaneName, id: string): Promise<string | undefined>
  /** Puts a job that was taken from another lane into its turn here. One that is in the lane already is left as it is. */
  add(lane: LaneName, job: TakenJob): Promise<void>
  /** Takes a queued job that does not run out of the lane. */
  remove(lane: LaneName, id: string): Promise<void>
  /** Makes these due now, where they are put off. */
  promote(lane: LaneName, ids: readonly string[]): Promise<void>
  /** Makes the jobs due now that are put off for a budget, as when budgets have changed; no others that are delayed. */
  promoteBudgetWaits(lane: LaneName): Promise<void>
  /** Jobs that wait, are delayed or run, in all processes. */
  depth(lane: LaneName): Promise<number>
  /** Whether any process serves the lane; known for a few seconds. */
  served(lane: LaneName): Promise<boolean>
}

/** BullMQ's handles of lanes. */
export interface QueueHandles {
  of(lane: LaneName): Queue
  isServed(lane: LaneName): Promise<boolean>
  wake(lane: LaneName): Promise<void>
}

const PROMOTED_AT_ONCE = 100

export function makeWaitingLanes(redis: RedisClient, keys: Keys, queues: QueueHandles): WaitingLanes {
  const order = makeLaneOrder(redis, keys)
  const waits = makeBudgetWaits(redis, keys)
  const queue = (lane: LaneName): Queue<Pick<TakenJob, 'payload' | 'units'>> => queues.of(lane)
  return {
    peek: async (lane, id) => (await queue(lane).getJob(id))?.data.payload,
    async add(lane, { id, name, payload, units }) {
      const options = { jobId: id, priority: NEW_PRIORITY, removeOnComplete: true, removeOnFail: true }
      await queue(lane).add(name, { payload, ...(units === undefined ? {} : { units }) }, options)
      await order.place(lane, [id])
    },
    async remove(lane, id) {
      await order.refund(lane, id)
      await queue(lane).remove(id)
    },
    async promote(lane, ids) {
      await Promise.all(ids.map((id) => promote(queue(lane), id)))
      await queues.wake(lane)
    },
    async promoteBudgetWaits(lane) {
      const ids = await waits.list(lane)
      for (let from = 0; from < ids.length; from += PROMOTED_AT_ONCE) {
        const some = ids.slice(from, from + PROMOTED_AT_ONCE)
        const promoted = await Promise.all(some.map((id) => promote(queue(lane), id)))
        await waits.remove(
          lane,
          some.filter((_, index) => promoted[index]),
        )
      }
      if (ids.length > 0) await queues.wake(lane)
    },
    depth: (lane) => queue(lane).getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized'),
    served: queues.isServed,
  }
}

const NOT_DELAYED = -3

/** Resolves with false when the job is not delayed, or not yet. Its payload is not read. */
async function promote(queue: Queue<{ payload: string }>, id: string): Promise<boolean> {
  try {
    await new Job(queue, '', { payload: '' }, {}, id).promote()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === NOT_DELAYED) return false
    throw error
  }
}
