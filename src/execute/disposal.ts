// What becomes of a queued job in its lane, by what came of its execution. Pure.

import { type Disposal, FINISHED, REQUEUED, SET_ASIDE } from '../lanes/queue/taken-job.ts'
import type { Standing } from '../ledger/job-state.ts'
import type { DeferralReason } from '../telemetry/events.ts'

/** For a job that is put back. */
export function putBackFor(reason: DeferralReason, delayMs: number): Disposal {
  if (reason === 'budget') return { kind: 'delayed', delayMs, forBudget: true }
  if (reason === 'reading') return { kind: 'delayed', delayMs, unread: true }
  return delayMs === 0 ? REQUEUED : { kind: 'delayed', delayMs }
}

/** For a job that is not this worker's any more. It leaves the lane only where its epoch is over: else another start decides. */
export function leftFor(standing: Standing): Disposal {
  return standing === 'over' ? FINISHED : SET_ASIDE
}
