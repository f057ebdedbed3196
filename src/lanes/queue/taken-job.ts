// A queued job that a worker has taken, and what becomes of it in its lane.

/** A queued job as it is in its lane. */
export interface TakenJob {
  readonly id: string
  /** Contains its flow, and what its turn costs. */
  readonly name: string
  readonly payload: string
  /** Of a large job: UTF-16 units of its variables and headers. Absent in jobs that earlier versions queued. */
  readonly units?: number
}

/** A queued job as BullMQ stores it: the payload is text that only the codec can read. */
export type StoredJob = Pick<TakenJob, 'payload' | 'units'>

/** What becomes of a queued job after it was run. */
export type Disposal =
  /** It leaves the lane. `moved`: to another lane, so that it used no capacity here. */
  | { readonly kind: 'finished'; readonly moved?: true }
  /** Back into the lane, due in `delayMs`; `forBudget`: because a budget has no room, so that it used no capacity of the lane. */
  | {
      readonly kind: 'delayed'
      readonly delayMs: number
      readonly forBudget?: true
      readonly unread?: true
    }
  /** Back to the front of the lane at once. `unread`, here as above: this worker cannot read it; it used no capacity of the lane. */
  | { readonly kind: 'requeued'; readonly unread?: true }

/** A queued job that a worker has taken. Its lane has the payload, too. */
export interface HeldJob extends TakenJob {
  /** Forgets the payload, which the worker would keep for the length of a call. */
  release(): void
}

/** Runs one queued job. If it rejects, the job is delayed: BullMQ would drop it, whatever its record says. */
export type RunJob<Served> = (job: HeldJob, served: Served) => Promise<Disposal>

export const FINISHED: Disposal = { kind: 'finished' }
export const REQUEUED: Disposal = { kind: 'requeued' }
/** For a job that BullMQ delivers again after a stall, while it is still executed here or elsewhere. */
export const SET_ASIDE: Disposal = { kind: 'delayed', delayMs: 5_000 }
