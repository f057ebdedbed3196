// What takes the jobs of one lane in this process: a BullMQ consumer. It knows BullMQ's ways of putting a job back; what becomes of a
// job, `run` says.
import { DelayedError, type Job, MetricsTime, WaitingError } from 'bullmq'
import type { LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import { retryUntilStopped } from '../../redis/retry-until-stopped.ts'
import { makeBudgetWaits } from './budget-waits.ts'
import { PatientWorker } from './patient-worker.ts'
import { type Disposal, REQUEUED, type RunJob, type StoredJob, type TakenJob } from './taken-job.ts'

/** What of a lane that this process serves decides when its jobs are fetched. */
export interface FetchedLane {
  readonly name: LaneName
  readonly turns: {
    /** Whether the lane sends nothing for a while. */
    closed(): Promise<boolean>
  }
  /** One of its jobs was taken and is not to be sent now: another may be fetched in its place. */
  unfetched(): Promise<void>
  /** So many of its jobs are long in being read here, in places of their own. */
  slow(jobs: number): Promise<void>
  /** Brings the limits that hold for fetching up to date, as after another quota was configured. */
  refresh(): Promise<void>
  /** ms for which this worker is to fetch none of its jobs; 0: it may. */
  restMs(): number
}

export interface LaneWorker {
  readonly name: LaneName
  /** Looks for jobs at once, as some came. */
  wake(): void
  /** The same, as the lane may be sent from sooner than was known. */
  reopen(): void
  /** What is configured for the lane may have changed: it holds at once for what is fetched. */
  refresh(): Promise<void>
  /** So many jobs besides are run at a time, since as many are long in being read. */
  runBesides(jobs: number): void
  /** Stops taking jobs; running ones go on. */
  pause(): Promise<void>
  /** Waits for running jobs and closes. */
  close(): Promise<void>
}

export interface LaneWorkerOptions<Served> {
  readonly redis: RedisClient
  readonly keys: Keys
  readonly concurrency: number
  readonly now: () => number
  readonly run: RunJob<Served>
  /** Whether none is to be fetched, as one of the lane waits for room in this process. @default never */
  readonly isFull?: () => boolean
  readonly onError: (error: Error) => void
  /** Tells other workers that the lane has jobs. */
  readonly wakeOthers: (lane: LaneName) => Promise<void>
  /** Aborted when a job that Redis does not let back into its lane is left: another worker gets it once its lock has ended. */
  readonly stopping: AbortSignal
}

const LOCK_MS = 30_000
/** Room in this process is looked for again after this. */
const FULL_MS = 50
/** An empty lane is looked at this often at least, and up to a half sooner. lane-workers.ts wakes it long before where jobs are held. */
const LOOK_EVERY_SECONDS = 600
/** While a lane is closed by its pace, it is looked at this often. */
const CLOSED_LOOK_MS = 30_000
/** How long a job is put off whose run rejected. */
const REJECTED_MS = 5_000
/** BullMQ's codes for a job that is not there, not active, or whose lock has ended or is another's: it is not ours any more. */
const NOT_OURS: ReadonlySet<unknown> = new Set([-1, -2, -3, -6])

function takenJob({ id = '', name, data: { payload, units } }: Job<StoredJob>): TakenJob {
  return { id, name, payload, ...(typeof units === 'number' ? { units } : {}) }
}

/**
 * Serves a lane. Jobs are fetched once the lane's pace has set BullMQ's limits of the queue, which hold for all processes
 * (lanes/pace/pace-state.lua): a worker with a limit of its own would not keep them.
 */
export function startLaneWorker<Served extends FetchedLane>(
  served: Served,
  options: LaneWorkerOptions<Served>,
): LaneWorker {
  const { redis, keys, onError } = options
  const closing = new AbortController()
  const runAndDispose = makeRunAndDispose(served, options, closing.signal)
  const worker = new PatientWorker<StoredJob>(keys.queue(served.name), runAndDispose, {
    closing: closing.signal,
    random: Math.random,
    restMs: () => Math.max(served.restMs(), options.isFull?.() === true ? FULL_MS : 0),
    connection: redis,
    prefix: keys.prefix,
    concurrency: options.concurrency,
    autorun: false,
    drainDelay: LOOK_EVERY_SECONDS * (1 - Math.random() / 2),
    lockDuration: LOCK_MS,
    maximumRateLimitDelay: CLOSED_LOOK_MS,
    // See reclaim-jobs.ts.
    skipStalledCheck: true,
    // BullMQ's own count of what ended, over all workers, for metrics and Bull Board.
    metrics: { maxDataPoints: MetricsTime.ONE_HOUR },
  })
  worker.on('error', (error) => {
    if (!isNotOurs(error)) onError(error)
  })
  const onFault = (error: unknown) => onError(asError(error))
  let besides = 0
  void retryUntilStopped(() => served.turns.closed(), { stopping: closing.signal, onFailure: onFault })
    .then(() => (closing.signal.aborted ? undefined : worker.run()))
    .catch(onFault)
  return {
    name: served.name,
    wake: () => worker.wake(),
    reopen: () => worker.reopen(),
    async refresh() {
      await served.refresh()
      worker.reopen()
    },
    runBesides(jobs) {
      const telling = served.slow(jobs).catch(onFault)
      // Of those that were fetched, one does not go to be sent.
      const more = jobs > besides
      void telling.then(() => (more ? served.unfetched() : undefined)).then(() => worker.reopen(), onFault)
      besides = jobs
      worker.runAtATime(options.concurrency + jobs)
    },
    async pause() {
      closing.abort()
      await worker.pause(true)
    },
    async close() {
      closing.abort()
      await worker.close()
    },
  }
}

function makeRunAndDispose<Served extends FetchedLane>(
  served: Served,
  options: LaneWorkerOptions<Served>,
  closing: AbortSignal,
) {
  const { redis, keys, now, onError } = options
  const waits = makeBudgetWaits(redis, keys)
  const unfetched = () => served.unfetched().catch(onError)
  return async (job: Job<StoredJob>, token: string | undefined): Promise<void> => {
    const closed = await served.turns.closed().catch(() => false)
    // A process that stood still may find in its hands what others have by now: BullMQ renews no lock before it runs a job.
    const isStale = now() - (job.processedOn ?? Number.POSITIVE_INFINITY) > LOCK_MS
    const disposal = closed || isStale ? REQUEUED : await run(job, served, options)
    if (disposal.kind === 'finished') {
      if (disposal.moved) await unfetched()
      return
    }
    if (disposal.unread) await unfetched()
    if (disposal.kind === 'requeued') {
      await putBack(() => job.moveToWait(token), options)
      // This worker does not take it again: it is about to end, or cannot read it.
      if (disposal.unread || closing.aborted) await options.wakeOthers(served.name).catch(onError)
      throw new WaitingError()
    }
    // Before BullMQ is asked for the next job, as it is when this one is back.
    if (disposal.forBudget) {
      const noted = waits.add(served.name, job.id ?? '', disposal.delayMs).catch(onError)
      await Promise.all([unfetched(), noted])
    }
    const dueMs = now() + disposal.delayMs
    await putBack(() => job.moveToDelayed(dueMs, token), options)
    throw new DelayedError()
  }
}

async function run<Served>(
  job: Job<StoredJob>,
  served: Served,
  options: Pick<LaneWorkerOptions<Served>, 'run' | 'onError'>,
): Promise<Disposal> {
  try {
    return await options.run(takenJob(job), served)
  } catch (error) {
    options.onError(asError(error))
    return { kind: 'delayed', delayMs: REJECTED_MS }
  }
}

/**
 * Insists on it: a job whose state says that it waits must not be missing from its lane. One that is not this worker's any more,
 * since its lock had ended, is where the worker that took it puts it.
 */
async function putBack(
  move: () => Promise<unknown>,
  { stopping, onError }: Pick<LaneWorkerOptions<unknown>, 'stopping' | 'onError'>,
): Promise<void> {
  const moved = async (): Promise<void> => {
    await move().catch((error: unknown) => {
      if (!isNotOurs(error)) throw error
    })
  }
  // What is given up when the process ends keeps its lock until that ends, too.
  await retryUntilStopped(moved, { stopping, onFailure: (error) => onError(asError(error)) }).catch(
    () => undefined,
  )
}

function isNotOurs(error: unknown): boolean {
  return error instanceof Error && 'code' in error && NOT_OURS.has(error.code)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
