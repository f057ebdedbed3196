// The queues of all lanes, to add, remove and look at jobs: BullMQ's Queue objects over one connection, opened when first needed. Jobs
// are run by lane-worker.ts.
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

/** A job to be added to a lane. */
export interface NewQueuedJob extends StoredJob {
  readonly id: string
  readonly place: Place
  /** Whether it has waited before: then it goes to the front, unless it is in the lane already. */
  readonly waited: boolean
}

export interface LaneQueues {
  /** BullMQ's handle of a lane, for what is not here. */
  of(lane: LaneName): Queue<StoredJob>
  /** Records the use of a lane: nobody looks for jobs in an unknown lane. */
  register(lane: LaneName): Promise<void>
  /**
   * Adds jobs: registers the lane first, and wakes workers last. A job whose id is in the lane already is left as it is, and keeps its
   * place.
   * @param registered - whether {@link register} has just succeeded: it is not repeated. @default false
   */
  add(lane: LaneName, jobs: readonly NewQueuedJob[], registered?: boolean): Promise<void>
  /** Adds a job that was taken from another lane, in the same way. */
  put(lane: LaneName, job: TakenJob): Promise<void>
  /** Whether a job is in its lane: waiting, delayed or running. */
  has(lane: LaneName, id: string): Promise<boolean>
  /** The payload of a queued job, undefined when it is not in the lane. */
  peek(lane: LaneName, id: string): Promise<string | undefined>
  /** Removes a job from its lane. False, and nothing is done, if it runs. */
  remove(lane: LaneName, id: string): Promise<boolean>
  /** Makes delayed jobs due now. @returns which of them were delayed, in their order */
  promote(lane: LaneName, ids: readonly string[]): Promise<readonly boolean[]>
  /** Makes jobs due now that wait for a budget, as when budgets have changed. Other delayed jobs stay. */
  promoteBudgetWaits(lane: LaneName): Promise<void>
  /** Whether any jobs wait in a lane, are delayed or run, in any process: one command. */
  hasJobs(lane: LaneName): Promise<boolean>
  /** Whether any process serves the lane. The answer may be a few seconds old. */
  isServed(lane: LaneName): Promise<boolean>
  /** Puts jobs of dead workers back into the lane. */
  reclaim(lane: LaneName): Promise<void>
  /** Makes all workers of a lane look for jobs at once. */
  wake(lane: LaneName): Promise<void>
  /** Closes the Queue of a lane; it is opened again when needed. */
  forget(lane: LaneName): void
  close(): Promise<void>
}

/** Beyond this, the least recently used handles are closed. */
const MOST_OPEN = 1_000
/** Length of BullMQ's event stream, which nobody here reads. */
const MOST_EVENTS = 100
/** Redis may lose the bound, or another process forget the lane: until it is set again, BullMQ keeps 10,000 events. */
const BOUND_EVERY_MS = 60_000
const PROMOTED_AT_ONCE = 100
/** BullMQ's keys of jobs that have not ended; earlier versions used `paused`. All keys of a lane are in one slot. */
const WITH_JOBS = ['wait', 'paused', 'active', 'delayed', 'prioritized'] as const
/** BullMQ's code for a job that is not delayed. */
const NOT_DELAYED = -3
/**
 * How BullMQ reclaims jobs of dead workers (reclaim-jobs.ts). By default it fails a job whose worker died twice; Quarry decides that by
 * the job's record, see ledger/job-state.ts.
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
  const boundedAt = new Map<LaneName, number>()
  const boundEvents = async (lane: LaneName): Promise<void> => {
    if (performance.now() - (boundedAt.get(lane) ?? Number.NEGATIVE_INFINITY) < BOUND_EVERY_MS) return
    await redis.hset(keys.queueKey(lane, 'meta'), 'opts.maxLenEvents', MOST_EVENTS)
    if (boundedAt.size >= MOST_OPEN) boundedAt.clear()
    boundedAt.set(lane, performance.now())
  }
  return {
    of,
    register: touch,
    async add(lane, jobs, registered = false) {
      const bulk = jobs.map(({ id, place, waited, ...stored }) => ({
        name: placeName(place),
        data: storedJob(stored),
        opts: { jobId: id, priority: waited ? PUT_BACK_PRIORITY : NEW_PRIORITY },
      }))
      if (!registered) await touch(lane)
      await Promise.all([boundEvents(lane), of(lane).addBulk(bulk)])
      const fresh = jobs.filter(({ waited }) => !waited).map(({ id }) => id)
      // A worker that is woken before the jobs are placed only takes them in another order.
      await Promise.all([fresh.length > 0 ? order.place(lane, fresh) : null, wake(lane)])
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
  // Does not close the shared connection.
  const letGo = (handle: Queue<StoredJob>): Promise<void> => handle.close().catch(() => undefined)
  const open = (lane: LaneName): Queue<StoredJob> => {
    const handle = new Queue<StoredJob>(keys.queue(lane), {
      connection: redis,
      prefix: keys.prefix,
      skipMetasUpdate: true,
      // Redis's version was checked at start.
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

/** False when the job is not delayed. Does not read its payload. */
async function makeDue(queue: Queue<StoredJob>, id: string): Promise<boolean> {
  try {
    await new Job(queue, '', { payload: '' }, {}, id).promote()
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === NOT_DELAYED) return false
    throw error
  }
}
