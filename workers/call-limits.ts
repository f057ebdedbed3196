// How long a call may take, by the settings and by its task.
import { readsNewTemplates } from '../src/connector/compatibility.ts'
import { jobTimeoutMs } from '../src/connector/headers.ts'
import type { QueuedJob } from '../src/job/queued-job.ts'
import { parseHeaders } from '../src/job/task-headers.ts'
import type { Settings } from '../src/settings/settings.ts'

/** A timer of Node holds no longer; beyond it, it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** A task's own timeout counts for its call, not for the wait before it. */
export function callTimeoutMs({ aws, compatibility }: Settings, { customHeaders }: QueuedJob): number {
  const asked = jobTimeoutMs(parseHeaders(customHeaders), compatibility)
  const limit = asked === null ? aws.callTimeoutMs : Math.min(asked, aws.maxTaskTimeoutMs)
  return Math.min(limit, LONGEST_TIMER_MS)
}

/** After a call that took as long as it may, its budgets are still told. */
export const SETTLING_MS = 60_000

/** A task may ask for calls longer than the setting; none is known to take longer than this. */
const LONGEST_CALL_MS = 3_600_000

export function longestCallMs({ aws, compatibility }: Settings): number {
  const ofTasks = readsNewTemplates(compatibility) ? Math.min(LONGEST_CALL_MS, aws.maxTaskTimeoutMs) : 0
  return Math.max(aws.callTimeoutMs, ofTasks)
}
