// A queued job in a worker's hands, and what becomes of it in its lane.

/** A queued job as it lies in its lane. */
export interface TakenJob {
  readonly id: string
  /** Tells its flow, and what its turn costs. */
  readonly name: string
  readonly payload: string
  /** Of a large job: UTF-16 units of its variables and headers. What earlier versions put into a lane does not tell. */
  readonly units?: number
}

/** A queued job as BullMQ stores it: the payload is text that only the codec can read. */
export type StoredJob = Pick<TakenJob, 'payload' | 'units'>

/** What becomes of a queued job after it was run. */
export type Disposal =
  /** It leaves the lane. `moved`: to another lane, which costs this one nothing. */
  | { readonly kind: 'finished'; readonly moved?: true }
  /** Back into the lane, due in `delayMs`; `forBudget`: since a budget says no, which costs the lane nothing. */
  | {
      readonly kind: 'delayed'
      readonly delayMs: number
      readonly forBudget?: true
      readonly unread?: true
    }
  /** Back to the front of the lane at once. `unread`, here as above: this worker cannot read it, which costs the lane nothing. */
  | { readonly kind: 'requeued'; readonly unread?: true }

/** Runs one queued job. Should it reject, the job is put off: BullMQ would drop it, whatever its state says. */
export type RunJob<Served> = (job: TakenJob, served: Served) => Promise<Disposal>

export const FINISHED: Disposal = { kind: 'finished' }
export const REQUEUED: Disposal = { kind: 'requeued' }
/** For a job that is still executed, here or elsewhere, when BullMQ, after a stall, brings it again. */
export const SET_ASIDE: Disposal = { kind: 'delayed', delayMs: 5_000 }
