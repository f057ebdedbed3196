// Which worker executes an epoch. BullMQ gives a job to another worker when the lock of the first has run out: mostly since
// that one is dead, but also since Redis was away. One that lives goes on with its call, and nobody else makes it.
import type { LaneName } from '../job/ids.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import type { JobStore, Started } from '../redis/job-store.ts'

/** Does a step until Redis takes it. Rejects once that is given up. */
export type Insist = <T>(step: () => Promise<T>) => Promise<T>

export type Claim =
  | { readonly kind: 'ours'; readonly started: Started }
  /** Another start of it runs, by a worker that lives. */
  | { readonly kind: 'running' }
  /** It is answered, superseded or withdrawn. */
  | { readonly kind: 'ended' }
  /** It was moved to another lane than it was taken from. */
  | { readonly kind: 'moved'; readonly to: LaneName }

/**
 * Starts an epoch, by the BullMQ id that it has in its lane.
 * @param insist - a start that is told again has the name that it had.
 */
export type ClaimStart = (
  job: Pick<QueuedJob, 'key' | 'epoch'>,
  place: { readonly id: string; readonly lane: LaneName },
  insist: Insist,
) => Promise<Claim>

export interface ClaimParts {
  readonly store: Pick<JobStore, 'start'>
  /** Name of this worker, unique. */
  readonly name: string
  /** Whether another worker runs a queued job, as far as can be told. */
  readonly runs: (worker: string, id: string) => Promise<boolean>
}

export function makeClaimStart({ store, name, runs }: ClaimParts): ClaimStart {
  let starts = 0
  return async ({ key, epoch }, { id, lane }, insist) => {
    starts += 1
    const start = `${name}#${starts}`
    const first = await insist(() => store.start(key, epoch, start, '', lane))
    if (first === null || !('startedBy' in first)) return claimOf(first)
    const { startedBy } = first
    const worker = startedBy.slice(0, startedBy.lastIndexOf('#'))
    // What this worker runs it knows itself.
    if (worker !== name && (await insist(() => runs(worker, id)))) return { kind: 'running' }
    return claimOf(await insist(() => store.start(key, epoch, start, startedBy, lane)))
  }
}

function claimOf(reply: Awaited<ReturnType<JobStore['start']>>): Claim {
  if (reply === null) return { kind: 'ended' }
  if ('startedBy' in reply) return { kind: 'running' }
  return 'movedTo' in reply ? { kind: 'moved', to: reply.movedTo } : { kind: 'ours', started: reply }
}
