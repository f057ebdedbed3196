// Jobs that were activated and cannot be queued now go back to Zeebe, which offers them again when the lease that is
// left to them ends. Their retries stay as they are, and Operate shows no failure.
import type { JobPort } from '../camunda/job-port.ts'
import type { ActivatedJob } from '../job/activated-job.ts'
import { severalAtATime } from './several-at-a-time.ts'

export interface ReturnParts {
  readonly port: Pick<JobPort, 'extend'>
  readonly random: () => number
  /** ms, from any start. */
  readonly now: () => number
}

export interface JobReturns {
  /** Jobs of a lane that has its share of the backlog: away for the longer, the more there are. */
  untilLater(jobs: readonly ActivatedJob[]): Promise<void>
  /** Jobs that this process could not queue, as Redis refused them: away for some seconds. */
  forNow(jobs: readonly ActivatedJob[]): Promise<void>
  /** Jobs that a process that stops could not queue: another adapter may. */
  atOnce(jobs: readonly ActivatedJob[]): Promise<void>
}

const SHORTEST_MS = 20_000
const LONGEST_MS = 600_000
/** Jobs that come back and are returned again make about this many commands a second and adapter, ms for each. */
const PER_JOB_MS = 10
const FOR_NOW_MS = 5_000
const AT_ONCE_MS = 1

/** How long a job that is one of `away` stays away, ms, jittered so that they do not come back together. Pure. */
export function timeAway(away: number, random: () => number): number {
  return Math.round((0.5 + 0.5 * random()) * Math.min(LONGEST_MS, Math.max(SHORTEST_MS, away * PER_JOB_MS)))
}

export function makeJobReturns({ port, random, now }: ReturnParts): JobReturns {
  /** When jobs that are away come back, in the order they left; only roughly, as their times are jittered. */
  const due: number[] = []
  // Where it does not go through, the lease brings the job back all the same.
  const leave = (jobs: readonly ActivatedJob[], awayMs: () => number): Promise<void> =>
    severalAtATime(jobs, ({ key: jobKey }) =>
      port.extend({ jobKey, timeoutMs: awayMs() }).catch(() => undefined),
    )
  return {
    untilLater: (jobs) =>
      leave(jobs, () => {
        while (due[0] !== undefined && due[0] <= now()) due.shift()
        const ms = timeAway(due.length + 1, random)
        due.push(now() + ms)
        return ms
      }),
    forNow: (jobs) => leave(jobs, () => Math.round((0.5 + 0.5 * random()) * FOR_NOW_MS)),
    atOnce: (jobs) => leave(jobs, () => AT_ONCE_MS),
  }
}
