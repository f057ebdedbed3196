// Which worker executes an epoch. BullMQ gives a job to another worker when the lock of the first has run out: mostly since
// that one is dead, but also since Redis was away. One that lives goes on with its call, and nobody else makes it.
import type { LaneName } from '../job/ids.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import type { JobStore, Started } from '../ledger/job-store.ts'
import type { WorkerRuns } from '../ledger/worker-pulse.ts'
import { retryUntilStopped, type Trying } from '../redis/retry-until-stopped.ts'

export type Claim =
  | { readonly kind: 'ours'; readonly started: Started }
  /** Another start of it runs, by a worker that lives. */
  | { readonly kind: 'running' }
  /** It is answered, superseded or withdrawn. */
  | { readonly kind: 'ended' }
  /** It was moved to another lane than it was taken from. */
  | { readonly kind: 'moved'; readonly to: LaneName }
  /** The worker was told to stop before Redis let it in. */
  | { readonly kind: 'stopped' }

/**
 * Starts an epoch, by the BullMQ id that it has in its lane. Redis is asked until it answers, or the worker is told to stop: a start
 * that is told again has the name that it had.
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
      // What this worker runs it knows itself.
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
