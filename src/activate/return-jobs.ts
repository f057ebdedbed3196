// Returns activated jobs that cannot be queued now: their lease is shortened, and Zeebe offers them again when it ends. Their retries
// stay as they are, and Operate shows no failure.
import { setTimeout as sleep } from 'node:timers/promises'
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { ActivatedJob } from '../job/activated-job.ts'
import type { JobKey } from '../job/ids.ts'
import { severalAtATime } from './several-at-a-time.ts'

export interface ReturnParts {
  readonly port: Pick<JobPort, 'extend'>
  readonly random: () => number
}

export interface JobReturns {
  /** Jobs whose lane has its share of the backlog. `awayMs`: how long each is to stay away. */
  untilLater(jobs: readonly { readonly key: JobKey; readonly awayMs: number }[]): Promise<void>
  /** Jobs that Redis refused: away for some seconds. */
  forNow(jobs: readonly ActivatedJob[]): Promise<void>
  /** Jobs that a stopping process could not queue: another adapter may. */
  atOnce(jobs: readonly ActivatedJob[]): Promise<void>
}

const FOR_NOW_MS = 5_000
const AT_ONCE_MS = 1
/** A gateway that pushes back is asked again: a job that is not returned is out of reach until its lease ends. */
const TRIES = 4
const BETWEEN_TRIES_MS = 250

export function makeJobReturns({ port, random }: ReturnParts): JobReturns {
  const leave = async ({ key: jobKey }: Pick<ActivatedJob, 'key'>, timeoutMs: number): Promise<void> => {
    for (let tried = 1; ; tried += 1) {
      try {
        return await port.extend({ jobKey, timeoutMs })
      } catch (error) {
        // The end of the lease brings the job back all the same.
        const pushesBack = error instanceof GatewayError && error.status === 'RESOURCE_EXHAUSTED'
        if (!pushesBack || tried >= TRIES) return
        await sleep((0.5 + random()) * BETWEEN_TRIES_MS * 2 ** (tried - 1))
      }
    }
  }
  return {
    untilLater: (jobs) => severalAtATime(jobs, (job) => leave(job, job.awayMs)),
    forNow: (jobs) =>
      severalAtATime(jobs, (job) => leave(job, Math.round((0.5 + 0.5 * random()) * FOR_NOW_MS))),
    atOnce: (jobs) => severalAtATime(jobs, (job) => leave(job, AT_ONCE_MS)),
  }
}
