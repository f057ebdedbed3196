// BullMQ's worker retries a refused fetch at once and for ever: a full Redis would get thousands of requests a second. This one backs
// off, and fetches nothing during `restMs`. It has no blocking connection of its own: it looks for jobs when it is woken.
import { type Job, Worker, type WorkerOptions } from 'bullmq'
import { pause } from '../../time/bounded-wait.ts'
import { type LaneBell, makeLaneBell, waitingBy } from './lane-bell.ts'

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5_000
const LOOK_EVERY_MS = 250
/** What BullMQ's fetch gives when there is no job, whatever its type says. */
const NO_JOB = undefined as never

export interface PatientWorkerOptions extends WorkerOptions {
  /** Aborted when the worker closes: ends its pauses. */
  readonly closing: AbortSignal
  readonly random: () => number
  /** ms for which nothing must be fetched. */
  readonly restMs: () => number
}

export class PatientWorker<Data> extends Worker<Data, void> {
  readonly #closing: AbortSignal
  readonly #random: () => number
  readonly #restMs: () => number
  readonly #bell: LaneBell
  /** Fetched, and not begun. */
  readonly #fetched = new Set<unknown>()
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

  /** If a limit ends while its rest is computed, BullMQ would start a timer with a negative delay, of which Node warns. */
  protected override getRateLimitDelay(delay: number): number {
    return Math.max(1, super.getRateLimitDelay(delay))
  }

  /** Looks for jobs at once, unless rate limited. */
  wake(): void {
    this.#bell.ring()
  }

  /** Looks for jobs at once, and ends a sleep for a rate limit, which may have ended early. */
  reopen(): void {
    this.#bell.ring()
    // What waitForRateLimit waits by: https://github.com/taskforcesh/bullmq/blob/master/src/classes/worker.ts
    const { abortDelayController } = this as unknown as {
      readonly abortDelayController: AbortController | null
    }
    abortDelayController?.abort()
  }

  /** BullMQ fetches a job as another ends, but does not start it while its main loop sleeps: wake the loop. There may be more jobs, too. */
  protected override nextJobFromJobData(
    ...[data, ...rest]: Parameters<Worker<Data, void>['nextJobFromJobData']>
  ): ReturnType<Worker<Data, void>['nextJobFromJobData']> {
    if (data) this.reopen()
    return super.nextJobFromJobData(data, ...rest)
  }

  /** Sets the concurrency. A worker at its limit would otherwise notice only when a job ends. */
  runAtATime(jobs: number): void {
    this.concurrency = jobs
    // BullMQ's main loop waits until any of these ends: https://github.com/taskforcesh/bullmq/blob/master/src/classes/worker.ts
    const { mainLoopQueue } = this as unknown as {
      readonly mainLoopQueue?: { add(ended: Promise<undefined>): void } | null
    }
    mainLoopQueue?.add(Promise.resolve(undefined))
  }

  /**
   * A job that was fetched is begun before another is fetched. BullMQ's main loop fetches until there is no job or it runs as many as it
   * may, and begins none before: a lone job would wait for a further round trip, and a thousand jobs for one another.
   */
  protected override async moveToActive(token: string, name?: string): Promise<Job<Data, void>> {
    if (this.#fetched.size > 0) return NO_JOB
    for (let ms = this.#restMs(); ms > 0 && !this.#closing.aborted; ms = this.#restMs()) {
      await pause(Math.min(ms, LOOK_EVERY_MS), this.#closing)
    }
    try {
      const job = await super.moveToActive(token, name)
      this.#refusals = 0
      if (job !== NO_JOB) this.#fetched.add(job)
      return job
    } catch (error) {
      const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#refusals, 16))
      this.#refusals += 1
      await pause(longest * (0.5 + this.#random() / 2), this.#closing)
      throw error
    }
  }

  override processJob(
    ...[job, ...rest]: Parameters<Worker<Data, void>['processJob']>
  ): ReturnType<Worker<Data, void>['processJob']> {
    this.#fetched.delete(job)
    return super.processJob(job, ...rest)
  }
}
