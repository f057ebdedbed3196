// The reading end of one lane: a BullMQ consumer.
// It knows BullMQ's ways of putting a job back; what to do with a job is told by `run`.
import { DelayedError, type Job, MetricsTime, WaitingError, Worker } from 'bullmq'
import { type BudgetWaits, makeBudgetWaits } from '../redis/budget-waits.ts'
import type { RedisClient } from '../redis/connect.ts'
import { keepTrying } from '../redis/keep-trying.ts'
import type { Keys } from '../redis/keys.ts'
import type { OpenLane } from './open-lane.ts'

/** What becomes of a queued job after it was run. */
export type Disposal =
  | { readonly kind: 'finished' }
  /** Back into the lane, due in `delayMs`; `forBudget`: since a budget says no, which costs the lane nothing. */
  | { readonly kind: 'delayed'; readonly delayMs: number; readonly forBudget?: true }
  /** Back to the front of the lane at once. */
  | { readonly kind: 'handedBack' }

/** Runs one queued job. When it rejects, BullMQ drops the queued job: Zeebe's lease brings the job again. */
export type RunJob = (
  job: { readonly id: string; readonly payload: string },
  lane: OpenLane,
) => Promise<Disposal>

export interface LaneConsumer extends OpenLane {
  /** Stops taking jobs; running ones go on. */
  pause(): Promise<void>
  /** Waits for running jobs and closes. */
  close(): Promise<void>
}

export interface LaneConsumerOptions {
  readonly redis: RedisClient
  readonly keys: Keys
  readonly concurrency: number
  readonly now: () => number
  readonly run: RunJob
  readonly onError: (error: Error) => void
  /** A queued job was dropped since `run` rejected; Zeebe's lease brings the job again. */
  readonly onDropped: (id: string, lane: OpenLane, error: Error) => void
}

const LOCK_MS = 30_000
const STALLED_CHECK_MS = 5_000
/** While BullMQ waits for its rate limit it leaves alone what it fetched meanwhile, in place of a fetch that was given back. */
const LONGEST_LIMIT_WAIT_MS = 50
/** A limit that was raised while nothing moved is noticed after this. */
const LOOK_EVERY_SECONDS = 1
// BullMQ would fail a job whose worker died twice. That is not its decision here: see job/job-state.ts.
const ANY_NUMBER_OF_STALLS = 1_000_000_000

/**
 * Opens a lane. Jobs are fetched once the lane's pace has set BullMQ's limits of the queue, which hold for all processes
 * (redis/scripts/pace-state.lua): a worker with a limit of its own would not keep them.
 */
export function openLane(open: OpenLane, options: LaneConsumerOptions): LaneConsumer {
  const { redis, keys, onError } = options
  const name = keys.queue(open.name)
  const waits = makeBudgetWaits(redis, keys)
  const worker = new Worker<{ payload: string }>(
    name,
    (job, token) => runAndDispose(job, token, open, { ...options, waits }),
    {
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
    },
  )
  worker.on('error', onError)
  const onFault = (error: unknown) => onError(error instanceof Error ? error : new Error(String(error)))
  worker.on('failed', (job, error) => options.onDropped(job?.id ?? '', open, error))
  const closing = new AbortController()
  void keepTrying(() => open.turns.closed(), { stopping: closing.signal, onFailure: onFault })
    .then(() => (closing.signal.aborted ? undefined : worker.run()))
    .catch(onFault)
  return {
    ...open,
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

async function runAndDispose(
  job: Job<{ payload: string }>,
  token: string | undefined,
  open: OpenLane,
  options: LaneConsumerOptions & { readonly waits: BudgetWaits },
): Promise<void> {
  if (await open.turns.closed().catch(() => false)) {
    await job.moveToWait(token)
    throw new WaitingError()
  }
  const disposal = await options.run({ id: job.id ?? '', payload: job.data.payload }, open)
  if (disposal.kind === 'delayed') {
    // Before BullMQ is asked for the next job, as it is when this one is back.
    if (disposal.forBudget) {
      const { waits, onError } = options
      const noted = waits.add(open.name, job.id ?? '', disposal.delayMs).catch(onError)
      await Promise.all([open.unfetched().catch(onError), noted])
    }
    await job.moveToDelayed(options.now() + disposal.delayMs, token)
    throw new DelayedError()
  }
  if (disposal.kind === 'handedBack') {
    await job.moveToWait(token)
    throw new WaitingError()
  }
}
