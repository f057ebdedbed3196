// BullMQ's worker, when a fetch is refused, fetches again at once and for ever: a full Redis is then asked thousands of times
// a second. This one waits in between, longer each time. And it fetches nothing while it is told to rest. It has no connection of its
// own: it looks for jobs when it is told to.
import { type Job, Worker, type WorkerOptions } from 'bullmq'
import { pause } from '../../time/bounded-wait.ts'
import { type LaneBell, makeLaneBell, waitingBy } from './lane-bell.ts'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5_000
const LOOK_EVERY_MS = 250

export interface PatientWorkerOptions extends WorkerOptions {
  /** Aborted when it must not wait any more, as it closes. */
  readonly closing: AbortSignal
  readonly random: () => number
  /** ms for which nothing is to be fetched. */
  readonly restMs: () => number
}

export class PatientWorker<Data> extends Worker<Data, void> {
  readonly #closing: AbortSignal
  readonly #random: () => number
  readonly #restMs: () => number
  readonly #bell: LaneBell
  #refusals = 0

  constructor(
    name: string,
    run: (job: Job<Data, void>, token?: string) => Promise<void>,
    { closing, random, restMs, ...options }: PatientWorkerOptions,
  ) {
    const bell = makeLaneBell()
    super(name, run, options, waitingBy(bell))
    this.#bell = bell
    this.#closing = closing
    this.#random = random
    this.#restMs = restMs
  }

  /** A limit that ends while its rest is worked out would make a timer of negative length, of which Node warns. */
  protected override getRateLimitDelay(delay: number): number {
    return Math.max(1, super.getRateLimitDelay(delay))
  }

  /** Looks for jobs at once, if it waits for some. */
  wake(): void {
    this.#bell.ring()
  }

  /** The same, also if it waits until the lane may be fetched from: that may be sooner than was known. */
  reopen(): void {
    this.#bell.ring()
    // What waitForRateLimit waits by: https://github.com/taskforcesh/bullmq/blob/master/src/classes/worker.ts
    const { abortDelayController } = this as unknown as {
      readonly abortDelayController: AbortController | null
    }
    abortDelayController?.abort()
  }

  /** A job that was fetched as another ended is not begun while the loop waits: it goes on, and where there is one there may be more. */
  protected override nextJobFromJobData(
    ...[data, ...rest]: Parameters<Worker<Data, void>['nextJobFromJobData']>
  ): ReturnType<Worker<Data, void>['nextJobFromJobData']> {
    if (data) this.reopen()
    return super.nextJobFromJobData(data, ...rest)
  }

  /** So many jobs at a time from now on. A worker that has all its jobs under way would notice with the end of one only. */
  runAtATime(jobs: number): void {
    this.concurrency = jobs
    // BullMQ's main loop waits for any of these to end: https://github.com/taskforcesh/bullmq/blob/master/src/classes/worker.ts
    const { mainLoopQueue } = this as unknown as {
      readonly mainLoopQueue?: { add(ended: Promise<undefined>): void } | null
    }
    mainLoopQueue?.add(Promise.resolve(undefined))
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job<Data, void>> {
    for (let ms = this.#restMs(); ms > 0 && !this.#closing.aborted; ms = this.#restMs()) {
      await pause(Math.min(ms, LOOK_EVERY_MS), this.#closing)
    }
    try {
      const job = await super.moveToActive(token, name)
      this.#refusals = 0
      return job
    } catch (error) {
      const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#refusals, 16))
      this.#refusals += 1
      await pause(longest * (0.5 + this.#random() / 2), this.#closing)
      throw error
    }
  }
}
