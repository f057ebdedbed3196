// Decides which worker executes an epoch. When a worker's BullMQ lock expires, another worker gets the job: mostly because the first died, but
// also after Redis was away. If the first still lives, it continues its call, and nobody else makes it.
import type { LaneName } from '../job/ids.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import type { JobStore, Started } from '../ledger/job-store.ts'
import type { WorkerRuns } from '../ledger/worker-pulse.ts'
import { retryUntilStopped, type Trying } from '../redis/retry-until-stopped.ts'

export type Claim =
  | { readonly kind: 'ours'; readonly started: Started }
  /** A living worker already runs it. */
  | { readonly kind: 'running' }
  /** It was answered, superseded or withdrawn. */
  | { readonly kind: 'ended' }
  /** It was moved to another lane than it was taken from. */
  | { readonly kind: 'moved'; readonly to: LaneName }
  /** The worker was stopped before Redis accepted the start. */
  | { readonly kind: 'stopped' }

/**
 * Starts an epoch, by its BullMQ id in its lane. Retries until Redis answers or the worker is stopped. A repeated start keeps its name, so it
 * counts once.
 */
export type ClaimStart = (
  job: Pick<QueuedJob, 'key' | 'epoch'>,
  place: { readonly id: string; readonly lane: LaneName },
  trying: Trying,
) => Promise<Claim>

export interface ClaimParts {
  readonly store: Pick<JobStore, 'start'>
  /** Name of this worker, unique. */
  readonly name: string
  readonly runs: WorkerRuns
}

export function makeClaimStart({ store, name, runs }: ClaimParts): ClaimStart {
  let starts = 0
  return async ({ key, epoch }, { id, lane }, trying) => {
    if (trying.stopping.aborted) return { kind: 'stopped' }
    const ask = <T>(question: () => Promise<T>) => retryUntilStopped(question, trying)
    starts += 1
    const start = `${name}#${starts}`
    try {
      const first = await ask(() => store.start(key, epoch, start, '', lane))
      if (first === null || !('startedBy' in first)) return claimOf(first)
      const { startedBy, startedAt } = first
      const worker = startedBy.slice(0, startedBy.lastIndexOf('#'))
      // A start by this worker has ended, or the runner would have refused the job.
      if (worker !== name && (await ask(() => runs(worker, id, startedAt)))) return { kind: 'running' }
      return claimOf(await ask(() => store.start(key, epoch, start, startedBy, lane)))
    } catch (error) {
      if (trying.stopping.aborted) return { kind: 'stopped' }
      throw error
    }
  }
}

function claimOf(reply: Awaited<ReturnType<JobStore['start']>>): Claim {
  if (reply === null) return { kind: 'ended' }
  if ('startedBy' in reply) return { kind: 'running' }
  return 'movedTo' in reply ? { kind: 'moved', to: reply.movedTo } : { kind: 'ours', started: reply }
}
