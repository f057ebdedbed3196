// What takes the jobs of one lane in this process: a BullMQ consumer. It knows BullMQ's ways of putting a job back; what becomes of a
// job, `run` says.
import { DelayedError, type Job, MetricsTime, WaitingError } from 'bullmq'
import type { LaneName } from '../job/ids.ts'
import { makeBudgetWaits } from '../redis/budget-waits.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { retryUntilStopped } from '../redis/retry-until-stopped.ts'
import { type Disposal, REQUEUED, type RunJob, type TakenJob } from './disposal.ts'
import { PatientWorker } from './patient-worker.ts'
import type { ServedLane } from './served-lane.ts'

export interface LaneWorker {
  readonly name: LaneName
  /** So many jobs besides are run at a time, since as many are long in being read. */
  runBesides(jobs: number): void
  /** Stops taking jobs; running ones go on. */
  pause(): Promise<void>
  /** Waits for running jobs and closes. */
  close(): Promise<void>
}

export interface LaneWorkerOptions {
  readonly redis: RedisClient
  readonly keys: Keys
  readonly concurrency: number
  readonly now: () => number
  readonly run: RunJob
  /** Whether none is to be fetched, as one of the lane waits for room in this process. @default never */
  readonly isFull?: () => boolean
  readonly onError: (error: Error) => void
  /** Aborted when a job that Redis does not let back into its lane is left: another worker gets it once its lock has ended. */
  readonly stopping: AbortSignal
}

const LOCK_MS = 30_000
const STALLED_CHECK_MS = 5_000
/** While BullMQ waits for its rate limit it leaves alone what it fetched meanwhile, in place of a fetch that was given back. */
const LONGEST_LIMIT_WAIT_MS = 50
/** Room in this process is looked for again after this. */
const FULL_MS = 50
/** A limit that was raised while nothing moved is noticed after this. */
const LOOK_EVERY_SECONDS = 1
/** How long a job is put off whose run rejected. */
const REJECTED_MS = 5_000
/** BullMQ's codes for a job that is not there, not active, or whose lock has ended or is another's: it is not ours any more. */
const NOT_OURS: ReadonlySet<unknown> = new Set([-1, -2, -3, -6])
// BullMQ would fail a job whose worker died twice. That is not its decision here: see job/job-state.ts.
const ANY_NUMBER_OF_STALLS = 1_000_000_000

/** What BullMQ has of a job. */
type Stored = Pick<TakenJob, 'payload' | 'units'>

function takenJob({ id = '', name, data: { payload, units } }: Job<Stored>): TakenJob {
  return { id, name, payload, ...(typeof units === 'number' ? { units } : {}) }
}

/**
 * Serves a lane. Jobs are fetched once the lane's pace has set BullMQ's limits of the queue, which hold for all processes
 * (redis/scripts/pace-state.lua): a worker with a limit of its own would not keep them.
 */
export function startLaneWorker(served: ServedLane, options: LaneWorkerOptions): LaneWorker {
  const { redis, keys, onError } = options
  const closing = new AbortController()
  const runAndDispose = makeRunAndDispose(served, options)
  const worker = new PatientWorker<Stored>(keys.queue(served.name), runAndDispose, {
    closing: closing.signal,
    random: Math.random,
    restMs: () => Math.max(served.restMs(), options.isFull?.() === true ? FULL_MS : 0),
    connection: redis,
    prefix: keys.prefix,
    concurrency: options.concurrency,
    autorun: false,
    drainDelay: LOOK_EVERY_SECONDS,
    lockDuration: LOCK_MS,
    maximumRateLimitDelay: LONGEST_LIMIT_WAIT_MS,
    stalledInterval: STALLED_CHECK_MS,
    maxStalledCount: ANY_NUMBER_OF_STALLS,
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
    runBesides(jobs) {
      const telling = served.slow(jobs).catch(onFault)
      // Of those that were fetched, one does not go to be sent.
      void telling.then(() => (jobs > besides ? served.unfetched() : undefined)).catch(onFault)
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

function makeRunAndDispose(served: ServedLane, options: LaneWorkerOptions) {
  const { redis, keys, now, onError } = options
  const waits = makeBudgetWaits(redis, keys)
  const unfetched = () => served.unfetched().catch(onError)
  return async (job: Job<Stored>, token: string | undefined): Promise<void> => {
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

async function run(
  job: Job<Stored>,
  served: ServedLane,
  options: Pick<LaneWorkerOptions, 'run' | 'onError'>,
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
  { stopping, onError }: Pick<LaneWorkerOptions, 'stopping' | 'onError'>,
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
