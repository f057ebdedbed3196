// Checks a job that came after its lease had ended: it was held up in a stream, or in this process while Redis was away. It may have
// been handed out again since, completed, and forgotten. Only Zeebe knows, so it is asked, by an extension.
import { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { LeasedJob } from '../job/activated-job.ts'

/**
 * Makes the check whether a job may still be executed. If by the broker's clock its lease has not ended, the extension does no harm. No
 * answer counts as no: a job that still exists comes back.
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
