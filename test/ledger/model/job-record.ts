// A job's record as the model has it: what of the hash in Redis decides a move.
import type { LaneName } from '../../../src/job/ids.ts'
import type { JobState } from '../../../src/ledger/job-state.ts'

/** What is remembered of a job. */
export interface JobRecord {
  readonly state: JobState
  readonly epoch: number
  /** Hash of variables and headers: another one means that Zeebe asks for something else. */
  readonly input: string
  /**
   * When a lease of `QUARRY_LEASE` from the latest activation ends, ms since the epoch, by the broker's clock. Activations are
   * ordered by it: a task may ask for another lease (`jobTimeout`), which must not make one look earlier or later than it is.
   */
  readonly deadlineMs: number
  /** Retries that the job had when it was accepted. */
  readonly retries: number
  /** Retries that a stored failure leaves, when they are not what the job had; null otherwise. */
  readonly failedTo: number | null
  /** Calls sent for this epoch, as the last deferral said; null before the first. */
  readonly sends: number | null
  /** Starts of this epoch that ended with a dead worker. */
  readonly deaths: number
  /** The name of the latest start of this epoch; null before the first. */
  readonly start: string | null
  /** The only lane that this epoch is started from. */
  readonly lane: LaneName
  /** How often this epoch was moved to another lane. */
  readonly moves: number
}
