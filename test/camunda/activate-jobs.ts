// A poll that collects its jobs, for tests.
import type { JobPort, PollRequest } from '../../src/camunda/job-port.ts'
import type { ActivatedJob } from '../../src/job/activated-job.ts'

/** The jobs that a poll brought. */
export async function activateJobs(
  port: Pick<JobPort, 'activate'>,
  request: PollRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<readonly ActivatedJob[]> {
  const jobs: ActivatedJob[] = []
  await port.activate(request, (job) => jobs.push(job), signal)
  return jobs
}
