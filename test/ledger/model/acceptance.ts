// What an activation of a job means: the rule of accept.lua in TypeScript. Pure.
import type { Acceptance } from '../../../src/ledger/job-state.ts'
import type { JobRecord } from './job-record.ts'

/** Decides what an activation means. `record` is null when nothing is known of the job. */
export function decideAcceptance(
  record: JobRecord | null,
  activation: {
    readonly input: string
    /** What counts as the same. @default none */
    readonly older?: readonly string[]
    readonly deadlineMs: number
    readonly retries: number
  },
): Acceptance {
  if (record === null) return 'new'
  if (record.state === 'released') {
    // Zeebe expects the job back with the retries that the failure left, or later with what an operator gave it. An
    // activation made before the failure can still arrive: held in a stream, say.
    const expected = activation.retries === (record.failedTo ?? record.retries)
    return expected || activation.deadlineMs > record.deadlineMs ? 'new' : 'duplicate'
  }
  if (record.state === 'done') return activation.deadlineMs > record.deadlineMs ? 'new' : 'duplicate'
  // Variables that were changed meanwhile; an earlier activation that comes after that is late.
  if (record.input !== activation.input && !(activation.older ?? []).includes(record.input))
    return activation.deadlineMs < record.deadlineMs ? 'duplicate' : 'new'
  if (record.state === 'queued' || record.state === 'running') return 'adopt'
  // Zeebe can hand the job out again before this process has heard that its failure was taken. The retries tell:
  // with those that the failure leaves, the activation comes after it.
  return activation.retries === record.failedTo ? 'new' : 'answered'
}
