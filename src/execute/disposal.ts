// What happens to a queued job in its lane after its execution. Pure.

import { type Disposal, FINISHED, REQUEUED, SET_ASIDE } from '../lanes/queue/taken-job.ts'
import type { Standing } from '../ledger/job-state.ts'
import type { DeferralReason } from '../telemetry/events.ts'

/** For a requeued job. */
export function putBackFor(reason: DeferralReason, delayMs: number): Disposal {
  if (reason === 'budget') return { kind: 'delayed', delayMs, forBudget: true }
  if (reason === 'reading') return { kind: 'delayed', delayMs, unread: true }
  return delayMs === 0 ? REQUEUED : { kind: 'delayed', delayMs }
}

/** For a job that this worker lost. It leaves the lane only if its epoch is over: otherwise its other start decides. */
export function leftFor(standing: Standing): Disposal {
  return standing === 'over' ? FINISHED : SET_ASIDE
}
