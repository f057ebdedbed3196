// A lane's queue for Bull Board. Bull Board asks every queue for its counts each time that it draws a page: those come from the
// shared overview of lanes. Redis is only asked about the queue that a page shows.
import { AsyncLocalStorage } from 'node:async_hooks'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import type { LaneOverview } from '../control/lane-overview.ts'
import type { LightJobs } from '../lanes/queue/light-jobs.ts'

/** What is known of a lane without asking Redis. */
export type KnownLane = Pick<
  LaneOverview,
  'name' | 'account' | 'region' | 'model' | 'waiting' | 'delayed' | 'active' | 'state'
>

type Queue = ConstructorParameters<typeof BullMQAdapter>[0]

interface LaneAdapterParts {
  readonly queue: Queue & Parameters<LightJobs['job']>[0]
  /** The lane as it was read last. */
  readonly known: () => KnownLane
  readonly jobs: LightJobs
}

/** A queued job's data and result hold prompts and answers, encrypted or not: neither is shown. */
const HIDDEN = '(not shown)'
/** A key of Redis is made of it. */
const JOB_ID = /^z-\d+-\d+$/

/** The name of the queue that a request is about. */
const asked = new AsyncLocalStorage<string>()

/** Answers a request about a queue, of which Redis may be asked; '' for none. */
export function askingFor<T>(queueName: string, work: () => Promise<T>): Promise<T> {
  return asked.run(queueName, work)
}

/** Bull Board decodes names once more than it encodes them, and never finds a name that contains %, as those of lanes do. */
export const boardName = (queueName: string): string => decodeURIComponent(queueName)

export class LaneAdapter extends BullMQAdapter {
  readonly #parts: LaneAdapterParts

  constructor(parts: LaneAdapterParts) {
    const { account, region, model } = parts.known()
    super(parts.queue, { readOnlyMode: true, displayName: `${model} · ${region} · ${account}` })
    this.#parts = parts
    this.setFormatter('data', () => HIDDEN)
    this.setFormatter('returnValue', () => HIDDEN)
  }

  override getName(): string {
    return boardName(super.getName())
  }

  get #isAsked(): boolean {
    return asked.getStore() === this.getName()
  }

  override async getJobCounts() {
    if (this.#isAsked) return super.getJobCounts()
    const { waiting, delayed, active } = this.#parts.known()
    return {
      active,
      delayed,
      prioritized: waiting,
      waiting: 0,
      'waiting-children': 0,
      completed: 0,
      failed: 0,
    }
  }

  override async isPaused() {
    return this.#parts.known().state === 'paused'
  }

  override getGlobalConcurrency() {
    return this.#isAsked ? super.getGlobalConcurrency() : Promise.resolve(null)
  }

  override async getActiveRateLimitTtl() {
    return this.#isAsked ? super.getActiveRateLimitTtl() : 0
  }

  /** Lanes have none. */
  override async getJobSchedulersCount() {
    return 0
  }

  /** The list of all connections to Redis would be read for it. */
  override async getWorkers() {
    return null
  }

  override async getJob(id: string) {
    const { queue, jobs } = this.#parts
    return JOB_ID.test(id) ? ((await jobs.job(queue, id)) ?? undefined) : undefined
  }

  override async getJobs(states: Parameters<BullMQAdapter['getJobs']>[0], start = 0, end = 0) {
    const { queue, jobs } = this.#parts
    return [...(await jobs.jobs(queue, states as Parameters<LightJobs['jobs']>[1], { start, end }))]
  }
}
