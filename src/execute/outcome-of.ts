// From what an execution came to, to what Zeebe is told: the connector's rules, applied to a queued job.
import type { Compatibility } from '../connector/compatibility.ts'
import type { ConnectorError } from '../connector/connector-error.ts'
import { executionOutcome } from '../connector/execution-outcome.ts'
import { failureOutcome } from '../connector/failure-outcome.ts'
import { checkHeaders, parseHeaders } from '../connector/headers.ts'
import type { Evaluate } from '../connector/output-variables.ts'
import type { JsonValue } from '../job/json.ts'
import type { QueuedJob } from '../job/queued-job.ts'
import type { OutcomeFacts } from './store-outcome.ts'

/** The outcomes of queued jobs, in one line of the connector's behaviour. */
export interface OutcomeRules {
  /** The error of a job whose headers forbid to call anything, null for a sound one. */
  headerError(job: QueuedJob): ConnectorError | null
  failed(job: QueuedJob, error: ConnectorError): OutcomeFacts
  responded(job: QueuedJob, response: JsonValue): Promise<OutcomeFacts>
}

/** @param evaluate - FEEL as that line of the connector knows it. */
export function makeOutcomeRules(compatibility: Compatibility, evaluate: Evaluate): OutcomeRules {
  const context = ({ retries, customHeaders }: QueuedJob) => ({
    retries,
    headers: parseHeaders(customHeaders),
    compatibility,
    evaluate,
  })
  return {
    headerError: (job) => checkHeaders(parseHeaders(job.customHeaders), compatibility),
    failed: (job, error) => ({ outcome: failureOutcome(error, context(job)), errorType: error.type }),
    async responded(job, response) {
      const outcome = await executionOutcome({ ok: true, response }, context(job))
      return { outcome, errorType: outcome.kind === 'failed' ? errorTypeOf(outcome.variables) : null }
    },
  }
}

function errorTypeOf(variables: string): string | null {
  const { error } = JSON.parse(variables) as { error?: { type?: string } }
  return error?.type ?? null
}
