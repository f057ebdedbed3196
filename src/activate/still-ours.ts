// A job that came late, after its lease had ended: it was held in a stream, or in this process while Redis was away. It
// may have been handed out again since, done, and forgotten. Only Zeebe knows, so it is asked, by an extension.
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { LeasedJob } from '../job/activated-job.ts'

/**
 * Makes the question whether a job may be executed still. Asked of a job whose lease has not ended after all, by the
 * broker's clock, it does no harm. No answer is a no: a job that still exists comes back.
 */
export function makeStillOurs(port: Pick<JobPort, 'extend'>): (job: LeasedJob) => Promise<boolean> {
  return async ({ key: jobKey, leaseMs: timeoutMs }) => {
    try {
      await port.extend({ jobKey, timeoutMs })
      return true
    } catch (error) {
      if (error instanceof GatewayError) return false
      throw error
    }
  }
}
