// Queued jobs that BullMQ brought, and that are not this worker's to execute: nothing is called.
import type { Standing } from '../job/job-state.ts'
import type { Disposal } from './lane-worker.ts'

/** How long a job that is still executed, here or elsewhere, is put aside when BullMQ, after a stall, brings it again. */
export const BUSY_MS = 5_000

/** It is not this worker's any more. The queued job leaves the lane only where its epoch is over: else another start decides. */
export function left(standing: Standing): Disposal {
  return standing === 'over' ? { kind: 'finished' } : { kind: 'delayed', delayMs: BUSY_MS }
}
