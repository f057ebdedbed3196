// What lies in lanes, for all who put jobs in, take them out, look or steer: BullMQ's queues, opened when first needed, over one
// connection. Whoever works on the jobs of a lane is lane-worker.ts.
import { Job, Queue } from 'bullmq'
import type { LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import { makeLaneRegistry } from '../lane-registry.ts'
import type { Place } from '../order/fair-order.ts'
import { makeLaneOrder, NEW_PRIORITY, PUT_BACK_PRIORITY, placeName } from '../order/lane-order.ts'
import { makeIsServed } from '../served-lanes.ts'
import { makeBudgetWaits } from './budget-waits.ts'
import type { StoredJob, TakenJob } from './taken-job.ts'

/** A job that comes into a lane. */
export interface ComingJob extends StoredJob {
  readonly id: string
  readonly place: Place
  /** Whether it has waited before: then it goes before those that wait, unless it is in the lane already. */
  readonly waited: boolean
}

export interface LaneQueues {
  /** BullMQ's handle of a lane, for what is not here. */
  of(lane: LaneName): Queue<StoredJob>
  /**
   * Adds jobs: notes the lane in the registry first, since nobody would look for jobs in an unknown lane, and tells workers last. An id
   * that is in the lane already is left as it is, and keeps its place.
   */
  add(lane: LaneName, jobs: readonly ComingJob[]): Promise<void>
  /** Adds a job that was taken from another lane, in the same way. */
  put(lane: LaneName, job: TakenJob): Promise<void>
  /** Whether a job is in its lane: waiting, delayed or running. */
  has(lane: LaneName, id: string): Promise<boolean>
  /** The payload of a queued job, undefined when it is not in the lane. */
  peek(lane: LaneName, id: string): Promise<string | undefined>
  /** Takes a job that does not run out of its lane; one that runs stays: false. */
  remove(lane: LaneName, id: string): Promise<boolean>
  /** Makes these due now, where they are put off. @returns which were, in their order */
  promote(lane: LaneName, ids: readonly string[]): Promise<readonly boolean[]>
  /** Makes the jobs due now that are put off for a budget, as when budgets have changed; no others that are delayed. */
  promoteBudgetWaits(lane: LaneName): Promise<void>
  /** Whether any jobs wait in a lane, are delayed or run, in any process: one command. */
  hasJobs(lane: LaneName): Promise<boolean>
  /** Whether any process serves the lane; known for a few seconds. */
  isServed(lane: LaneName): Promise<boolean>
  /** Puts jobs of workers that died back into the lane. */
  reclaim(lane: LaneName): Promise<void>
  /** Tells all workers that a lane has jobs for them: they look at once. */
  wake(lane: LaneName): Promise<void>
  /** Lets go of the handle of a lane; it is opened anew when it is needed. */
  forget(lane: LaneName): void
  close(): Promise<void>
}

/** Handles that were not used for longest are let go of. */
const MOST_OPEN = 1_000
/** BullMQ's event stream would keep a copy of much that happens; nobody here reads it. */
const MOST_EVENTS = 100
const PROMOTED_AT_ONCE = 100
/** BullMQ's keys of jobs that have not ended; `paused` is of its earlier versions. One slot has all keys of a lane. */
const WITH_JOBS = ['wait', 'paused', 'active', 'delayed', 'prioritized'] as const
/** BullMQ's code for a job that is not delayed. */
const NOT_DELAYED = -3
/**
 * How BullMQ takes jobs back from workers that died (reclaim-jobs.ts). It would fail a job whose worker died twice: that is not its
 * decision here, see ledger/job-state.ts.
 */
const WORKERS_THAT_DIED = { maxStalledCount: 1_000_000_000, stalledInterval: 4_000 }

export function makeLaneQueues(redis: RedisClient, keys: Keys, onError: (error: Error) => void): LaneQueues {
  const { of, forget, close } = makeHandles(redis, keys, onError)
  const order = makeLaneOrder(redis, keys)
  const waits = makeBudgetWaits(redis, keys)
  const isServed = makeIsServed(keys.prefix)
  const { touch } = makeLaneRegistry(redis, keys)
  const wake = async (lane: LaneName): Promise<void> => {
    await redis.publish(keys.laneChannel, lane)
  }
  const promote = async (lane: LaneName, ids: readonly string[]): Promise<readonly boolean[]> => {
    const promoted = await Promise.all(ids.map((id) => makeDue(of(lane), id)))
    if (promoted.includes(true)) await wake(lane)
    return promoted
  }
  return {
    of,
    async add(lane, jobs) {
      const bulk = jobs.map(({ id, place, waited, ...stored }) => ({
        name: placeName(place),
        data: storedJob(stored),
        opts: { jobId: id, priority: waited ? PUT_BACK_PRIORITY : NEW_PRIORITY },
      }))
      await touch(lane)
      const bounded = redis.hset(keys.queueKey(lane, 'meta'), 'opts.maxLenEvents', MOST_EVENTS)
      await Promise.all([bounded, of(lane).addBulk(bulk)])
      const fresh = jobs.filter(({ waited }) => !waited).map(({ id }) => id)
      if (fresh.length > 0) await order.place(lane, fresh)
      await wake(lane)
    },
    async put(lane, { id, name, ...stored }) {
      await touch(lane)
      await of(lane).add(name, storedJob(stored), { jobId: id, priority: NEW_PRIORITY })
      await order.place(lane, [id])
      await wake(lane)
    },
    has: async (lane, id) => (await redis.exists(keys.queued(lane, id))) === 1,
    peek: async (lane, id) => (await of(lane).getJob(id))?.data.payload,
    async remove(lane, id) {
      await order.refund(lane, id)
      return (await of(lane).remove(id)) === 1
    },
    promote,
    async promoteBudgetWaits(lane) {
      const ids = await waits.list(lane)
      for (let from = 0; from < ids.length; from += PROMOTED_AT_ONCE) {
        const some = ids.slice(from, from + PROMOTED_AT_ONCE)
        const promoted = await promote(lane, some)
        await waits.remove(
          lane,
          some.filter((_, index) => promoted[index]),
        )
      }
    },
    hasJobs: async (lane) => (await redis.exists(...WITH_JOBS.map((name) => keys.queueKey(lane, name)))) > 0,
    isServed: (lane) => isServed(of(lane), lane),
    async reclaim(lane) {
      if ((await of(lane).getBackend().moveStalledJobsToWait()).length > 0) await wake(lane)
    },
    wake,
    forget,
    close,
  }
}

function makeHandles(redis: RedisClient, keys: Keys, onError: (error: Error) => void) {
  const handles = new Map<LaneName, Queue<StoredJob>>()
  // The connection is shared, and stays open.
  const letGo = (handle: Queue<StoredJob>): Promise<void> => handle.close().catch(() => undefined)
  const open = (lane: LaneName): Queue<StoredJob> => {
    const handle = new Queue<StoredJob>(keys.queue(lane), {
      connection: redis,
      prefix: keys.prefix,
      skipMetasUpdate: true,
      // Redis was asked at start; each handle would ask again.
      skipVersionCheck: true,
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      ...WORKERS_THAT_DIED,
    })
    handle.on('error', onError)
    return handle
  }
  return {
    of(lane: LaneName): Queue<StoredJob> {
      const handle = handles.get(lane) ?? open(lane)
      handles.delete(lane)
      handles.set(lane, handle)
      const [oldest] = handles
      if (handles.size > MOST_OPEN && oldest !== undefined) {
        handles.delete(oldest[0])
        void letGo(oldest[1])
      }
      return handle
    },
    forget(lane: LaneName): void {
      const handle = handles.get(lane)
      handles.delete(lane)
      if (handle !== undefined) void letGo(handle)
    },
    async close(): Promise<void> {
      await Promise.all([...handles.values()].map(letGo))
      handles.clear()
    },
  }
}

function storedJob({ payload, units }: StoredJob): StoredJob {
  return { payload, ...(units === undefined ? {} : { units }) }
}

/** Resolves with false when the job is not delayed, or not yet. Its payload is not read. */
async function makeDue(queue: Queue<StoredJob>, id: string): Promise<boolean> {
  try {
    await new Job(queue, '', { payload: '' }, {}, id).promote()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === NOT_DELAYED) return false
    throw error
  }
}
