// Between activation and enqueueing: a task may ask for a lease of its own (header `jobTimeout`). Zeebe is told before the job is
// queued, as the stock connector does before its call. A gateway that is away never holds a job back.
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { ActivatedJob, LeasedJob } from '../job/activated-job.ts'
import type { Events } from '../telemetry/events.ts'

export interface OwnLeaseParts {
  readonly port: Pick<JobPort, 'extend' | 'fail'>
  /** The lease that the task headers ask for; null for none. */
  readonly asked: (customHeaders: string) => OwnLease | null
  readonly events: Events
}

/** Read from the task headers, in ms. */
export interface OwnLease {
  readonly leaseMs: number
  readonly retryBackoffMs: number
}

/**
 * Makes the step: gives the jobs that may be queued. If the gateway is away or busy, a job keeps the lease it has. A job that Zeebe no
 * longer has is left out. If Zeebe refuses the lease, the job is failed with one retry less. Never rejects.
 */
export function makeOwnLeases(
  parts: OwnLeaseParts,
): (jobs: readonly ActivatedJob[], leaseMs: number) => Promise<readonly LeasedJob[]> {
  return async (jobs, leaseMs) => {
    const leased = await Promise.all(
      jobs.map((job) => lease(parts, { ...job, leaseMs, activatedMs: job.deadlineMs - leaseMs })),
    )
    return leased.filter((job) => job !== null)
  }
}

async function lease(parts: OwnLeaseParts, job: LeasedJob): Promise<LeasedJob | null> {
  const asked = parts.asked(job.customHeaders)
  if (asked === null) return job
  try {
    await parts.port.extend({ jobKey: job.key, timeoutMs: asked.leaseMs })
    // Like the old deadline, a time of the broker's clock.
    const deadlineMs = job.deadlineMs - job.leaseMs + asked.leaseMs
    return { ...job, deadlineMs, leaseMs: asked.leaseMs }
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    const { message, status, disposition } = error
    const kept = disposition === 'later' || disposition === 'aborted'
    parts.events.emit('leaseRefused', { jobKey: job.key, message, status, kept })
    if (kept) return job
    if (disposition === 'rejected') await failed(parts, job, { message, ...asked })
    return null
  }
}

async function failed(
  { port, events }: OwnLeaseParts,
  job: ActivatedJob,
  { message, retryBackoffMs }: { readonly message: string; readonly retryBackoffMs: number },
): Promise<void> {
  const retries = Math.max(0, job.retries - 1)
  await port
    .fail({ jobKey: job.key, retries, retryBackoffMs, errorMessage: message, variables: '{}' })
    // The end of the lease brings the job back all the same.
    .catch((error: unknown) => events.emit('fault', { where: `failing job ${job.key}`, error }))
}
