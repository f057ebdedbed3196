// Between activation and enqueueing: a task may ask for a lease of its own (header `jobTimeout`), which Zeebe is told before
// the job is queued, as the stock connector tells it before it calls. It never holds a job back for a gateway that is away.
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { ActivatedJob, LeasedJob } from '../job/activated-job.ts'
import type { Events } from '../telemetry/events.ts'

export interface OwnLeaseParts {
  readonly port: Pick<JobPort, 'extend' | 'fail'>
  /** What a task asks for in its headers; null for nothing. */
  readonly asked: (customHeaders: string) => OwnLease | null
  readonly events: Events
}

/** What a task's headers say, in ms. */
export interface OwnLease {
  readonly leaseMs: number
  readonly retryBackoffMs: number
}

/**
 * Makes the step: of jobs that were activated with a lease, ms, it gives those that may be queued. Where the gateway is away or busy, a job goes on with the lease it
 * has; one that is gone is left out; one whose lease Zeebe refuses is failed, with one retry less. Never rejects.
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
    // By the broker's clock, as the deadline was.
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
    // Its lease brings it back.
    .catch((error: unknown) => events.emit('fault', { where: `failing job ${job.key}`, error }))
}
