// Takes the jobs of one lane in this process with a BullMQ consumer. `run` decides what becomes of a job; this file carries that out by
// BullMQ's means.
import { DelayedError, type Job, MetricsTime, WaitingError } from 'bullmq'
import type { LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import { retryUntilStopped } from '../../redis/retry-until-stopped.ts'
import { makeBudgetWaits } from './budget-waits.ts'
import { PatientWorker } from './patient-worker.ts'
import { type Disposal, type HeldJob, REQUEUED, type RunJob, type StoredJob } from './taken-job.ts'

/** What decides when jobs of a lane are fetched. */
export interface FetchedLane {
  readonly name: LaneName
  readonly turns: {
    /** Whether the lane's next slot is some time away. */
    closed(): Promise<boolean>
  }
  /** A fetched job will not be sent now: another may be fetched in its place. */
  unfetched(): Promise<void>
  /** Sets how many of its jobs take long to be read here. They have places of their own. */
  slow(jobs: number): Promise<void>
  /** Updates the limits for fetching, as after a quota was changed. */
  refresh(): Promise<void>
  /** ms for which this worker must not fetch jobs of the lane; 0 if it may. */
  restMs(): number
}

export interface LaneWorker {
  readonly name: LaneName
  /** Looks for jobs at once, since some came. */
  wake(): void
  /** Looks for jobs at once, even while the lane is closed: its limit may have ended early. */
  reopen(): void
  /** Applies a changed configuration of the lane at once. */
  refresh(): Promise<void>
  /** Runs this many jobs more at a time, because as many take long to be read. */
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
  /** ms for which this process is too busy for a further job; 0 if it is not. @default 0 */
  readonly busyMs?: () => number
  readonly onError: (error: Error) => void
  /** Tells other workers that the lane has jobs. */
  readonly wakeOthers: (lane: LaneName) => Promise<void>
  /** After it aborts, a job that Redis refuses to put back is given up: another worker gets it when its lock expires. */
  readonly stopping: AbortSignal
}

const LOCK_MS = 30_000
/** Longest wait of an empty lane, and up to a half less. While jobs are held, lane-workers.ts wakes it every 30 s. */
const LOOK_EVERY_SECONDS = 600
/** Longest sleep while rate limited. */
const CLOSED_LOOK_MS = 30_000
/** Delay of a job whose run rejected. */
const REJECTED_MS = 5_000
/** BullMQ's codes for a job that is missing, not active, or whose lock expired or is another's: this worker no longer owns it. */
const NOT_OURS: ReadonlySet<unknown> = new Set([-1, -2, -3, -6])

function heldJob(job: Job<StoredJob>): HeldJob {
  const { id = '', name, data } = job
  const { units } = data
  return {
    id,
    name,
    get payload() {
      return job.data.payload
    },
    ...(typeof units === 'number' ? { units } : {}),
    release() {
      job.data = { ...job.data, payload: '' }
    },
  }
}

/**
 * Starts fetching once the lane's pace has set BullMQ's limits of the queue, which apply to all processes (lanes/pace/pace-state.lua).
 * The worker must have no limit of its own, or it would ignore those.
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
    restMs: () => Math.max(served.restMs(), options.busyMs?.() ?? 0),
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
      // One of the fetched jobs will not be sent now.
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
    // After a stall of this process another worker may own the job: BullMQ does not renew its lock before running it.
    const isStale = now() - (job.processedOn ?? Number.POSITIVE_INFINITY) > LOCK_MS
    const disposal = closed || isStale ? REQUEUED : await run(job, served, options)
    if (disposal.kind === 'finished') {
      if (disposal.moved) await unfetched()
      return
    }
    if (disposal.unread) await unfetched()
    if (disposal.kind === 'requeued') {
      await putBack(() => job.moveToWait(token), options)
      // This worker is about to end, or cannot read the job, so another must take it.
      if (disposal.unread || closing.aborted) await options.wakeOthers(served.name).catch(onError)
      throw new WaitingError()
    }
    // Must happen before the job is back, since BullMQ fetches the next one then.
    if (disposal.forBudget) {
      const noted = waits.add(served.name, job.id ?? '', disposal.delayMs).catch(onError)
      await Promise.all([unfetched(), noted])
    }
    const dueMs = now() + disposal.delayMs
    await putBack(() => job.moveToDelayed(dueMs, token), options)
    throw new DelayedError()
  }
}

function run<Served>(
  job: Job<StoredJob>,
  served: Served,
  options: Pick<LaneWorkerOptions<Served>, 'run' | 'onError'>,
): Promise<Disposal> {
  return options.run(heldJob(job), served).catch((error: unknown) => {
    options.onError(asError(error))
    return { kind: 'delayed', delayMs: REJECTED_MS }
  })
}

/**
 * Retries until Redis accepts: a job whose state is "queued" must be in its lane. If its lock had expired, the worker that owns it now
 * decides.
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
  // A job given up here stays active until its lock expires, and is then reclaimed.
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
