// Runs long work on large jobs in a thread of its own: all jobs of a process share one event loop, and each would wait while it is blocked.
// The work is pure, and the same functions run here and there. The thread starts with the first large job.
import { extname } from 'node:path'
import { getHeapStatistics } from 'node:v8'
import { type ResourceLimits, Worker } from 'node:worker_threads'
import { FairQueue, type WorkOwner } from '../job/fair-queue.ts'
import { LARGE_UNITS } from '../job/large-job.ts'
import { JOB_WORK, type JobWork } from './job-work.ts'

/** Work that takes longer is ended together with its thread, ms. A job of 4 MB takes less than a second. */
const LONGEST_MS = 60_000

/** For the start of the thread, ms. */
const LONGEST_START_MS = 60_000

/** Thrown for work that was not done: it needs more time or memory than there is, or the process stops. */
export class AsideError extends Error {
  override readonly name = 'AsideError'
}

/** How long the work is, and whose. */
export interface AboutWork {
  /** Length of the text to work on, UTF-16 units. */
  readonly units: number
  /** Tenants and processes take turns. */
  readonly owner: WorkOwner
}

type Given<Name extends keyof JobWork> = Parameters<JobWork[Name]>
type Result<Name extends keyof JobWork> = ReturnType<JobWork[Name]>

export interface Aside {
  /** Whether work on a text of this length, UTF-16 units, goes to the thread. */
  isLarge(units: number): boolean
  /**
   * Runs work: small work here and at once, other work in the thread.
   * @throws (rejects) what the work throws, as an Error without its class; AsideError.
   */
  run<Name extends keyof JobWork>(name: Name, about: AboutWork, ...given: Given<Name>): Promise<Result<Name>>
  /** Ends the thread, and rejects work that is not done. Idempotent. */
  close(): Promise<void>
}

/** Runs everything here. */
export const HERE: Aside = {
  isLarge: () => false,
  run: async (name, _about, ...given) => workHere(name, given),
  close: async () => undefined,
}

/** A message to the thread. */
export interface Question {
  readonly name: keyof JobWork
  readonly given: readonly unknown[]
}

/** The thread's answer; `ready`: it has been loaded, and begins. */
export type Answer =
  | 'ready'
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: Error }

interface Task extends Question {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
}

export interface AsideOptions {
  /** @default {@link LARGE_UNITS} */
  readonly largeUnits?: number
  /** @default {@link LONGEST_MS} */
  readonly longestMs?: number
  /** @default half of this process's heap, 128 to 512 MB */
  readonly limits?: ResourceLimits
}

const THREAD = new URL(`./thread${extname(import.meta.filename)}`, import.meta.url)

export function makeAside(options: AsideOptions = {}): Aside {
  const { largeUnits = LARGE_UNITS, longestMs = LONGEST_MS, limits = halfOfHeap() } = options
  const waiting = new FairQueue<Task>()
  let thread: Worker | null = null
  let running: Task | null = null
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const finish = (use: (task: Task) => void): void => {
    clearTimeout(timer)
    const finished = running
    running = null
    if (finished !== null) use(finished)
    next()
  }
  const limit = (ms: number): void => {
    clearTimeout(timer)
    timer = setTimeout(() => void thread?.terminate(), ms).unref()
  }
  const start = (): Worker => {
    const started = new Worker(THREAD, { resourceLimits: limits, env: {} })
    // It must not keep the process alive.
    started.unref()
    let why = STOPPED
    started.on('message', (answer: Answer) => {
      if (answer === 'ready') limit(longestMs)
      else
        finish(({ resolve, reject }) => (answer.ok ? resolve(answer.value as never) : reject(answer.error)))
    })
    started.on('error', (error) => {
      why = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? TOO_MUCH : error.message
    })
    started.on('exit', () => {
      if (thread === started) thread = null
      finish(({ reject }) => reject(new AsideError(why)))
    })
    return started
  }
  const next = (): void => {
    if (running !== null || closed) return
    const task = waiting.take()
    if (task === undefined) return
    running = task
    // Loading takes as long as the machine is busy, and is not the work's fault.
    limit(thread === null ? LONGEST_START_MS : longestMs)
    thread ??= start()
    thread.postMessage({ name: task.name, given: task.given } satisfies Question)
  }
  const isLarge = (units: number): boolean => units >= largeUnits
  return {
    isLarge,
    async run(name, { units, owner }, ...given) {
      if (!isLarge(units)) return workHere(name, given)
      if (closed) throw new AsideError(STOPS)
      return new Promise((resolve, reject) => {
        waiting.add(owner, { name, given, resolve, reject })
        next()
      })
    },
    async close() {
      closed = true
      for (let task = waiting.take(); task !== undefined; task = waiting.take())
        task.reject(new AsideError(STOPS))
      await thread?.terminate()
    },
  }
}

const TOO_MUCH = 'it needs more memory than it may take'
const STOPPED = 'it was ended, because it takes too long or the process stops'
const STOPS = 'the process stops'

function workHere<Name extends keyof JobWork>(name: Name, given: Given<Name>): Result<Name> {
  const work = JOB_WORK[name] as unknown as (...given: Given<Name>) => Result<Name>
  return work(...given)
}

/** The thread holds the parsed tree of a job, in place of this process. */
function halfOfHeap(): ResourceLimits {
  const mb = Math.ceil(getHeapStatistics().heap_size_limit / 2 / 1024 / 1024)
  return { maxOldGenerationSizeMb: Math.min(MOST_MB, Math.max(LEAST_MB, mb)) }
}

/** Enough for the tree of a job with the most values allowed. */
const LEAST_MB = 128
/** Enough, since the thread does one piece of work at a time. */
const MOST_MB = 512
