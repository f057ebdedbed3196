// How long a job may wait for an answer: the smaller of what its task and the setting allow. Pure.
import { formatDuration } from '../job/duration.ts'
import { MAX_WAIT_HEADER, ownMaxWait } from '../job/max-wait.ts'
import type { QueuedJob } from '../job/queued-job.ts'

export interface Patience {
  /** Since the epoch was accepted. */
  readonly ms: number
  /** What bounds it, for a person: its name and value. */
  readonly by: string
}

export function patienceOf({ customHeaders }: Pick<QueuedJob, 'customHeaders'>, maxWaitMs: number): Patience {
  const own = ownMaxWait(customHeaders)
  return own !== null && own.ms < maxWaitMs
    ? { ms: own.ms, by: `the task header ${MAX_WAIT_HEADER} (${own.text})` }
    : { ms: maxWaitMs, by: `QUARRY_MAX_WAIT (${formatDuration(maxWaitMs)})` }
}
