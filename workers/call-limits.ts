// How long a call may take, by the settings and by its task.
import { readsNewTemplates } from '../src/connector/compatibility.ts'
import { jobTimeoutMs } from '../src/connector/headers.ts'
import { COMPILING_MS } from '../src/execute/checked-call.ts'
import type { QueuedJob } from '../src/job/queued-job.ts'
import { parseHeaders } from '../src/job/task-headers.ts'
import type { Settings } from '../src/settings/settings.ts'
import { lineOfJob } from './connector-line.ts'

/** Node's longest timer; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** A task's own timeout applies to the call, not to the wait before it. */
export function callTimeoutMs(settings: Settings, job: QueuedJob): number {
  const { aws } = settings
  const asked = jobTimeoutMs(parseHeaders(job.customHeaders), lineOfJob(settings, job))
  const limit = asked === null ? aws.callTimeoutMs : Math.min(asked, aws.maxTaskTimeoutMs)
  return Math.min(limit, LONGEST_TIMER_MS)
}

/** Time to settle the budgets of a call after its limit. */
export const SETTLING_MS = 60_000

/** A task may ask for longer calls than the setting; no longer ones are known. */
const LONGEST_CALL_MS = 3_600_000

export function longestCallMs(settings: Settings): number {
  const { aws } = settings
  const ofTasks = readsNewTemplates(lineOfJob(settings, {}))
    ? Math.min(LONGEST_CALL_MS, aws.maxTaskTimeoutMs)
    : 0
  return Math.max(aws.callTimeoutMs, ofTasks, COMPILING_MS)
}
