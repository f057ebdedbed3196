// Which worker executes an epoch. BullMQ gives a job to another worker when the lock of the first has run out: mostly since
// that one is dead, but also since Redis was away. One that lives goes on with its call, and nobody else makes it.
import type { LaneName } from '../job/ids.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import type { JobStore, Started } from '../redis/job-store.ts'

/**
 * Starts an epoch, by the BullMQ id that it has in its lane. `busy` while another worker runs it; null when it is over; the lane
 * that it was moved to, when that is not the one it was taken from.
 * @param insist - does each step until Redis takes it; a start that is told again has the name that it had.
 */
export type ClaimStart = (
  job: Pick<QueuedJob, 'key' | 'epoch'>,
  place: { readonly id: string; readonly lane: LaneName },
  insist: Insist,
) => Promise<Started | { readonly movedTo: LaneName } | 'busy' | null>

export type Insist = <T>(step: () => Promise<T>) => Promise<T>

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
    if (first === null || !('startedBy' in first)) return first
    const { startedBy } = first
    const worker = startedBy.slice(0, startedBy.lastIndexOf('#'))
    // What this worker runs it knows itself.
    if (worker !== name && (await insist(() => runs(worker, id)))) return 'busy'
    const again = await insist(() => store.start(key, epoch, start, startedBy, lane))
    return again !== null && 'startedBy' in again ? 'busy' : again
  }
}
