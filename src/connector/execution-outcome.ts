// The end of an execution: from the connector's response or failure to what Zeebe is told. Pure.
import type { Outcome } from '../job/outcome.ts'
import type { Compatibility } from './compatibility.ts'
import { failureOutcome } from './failure-outcome.ts'
import type { Headers } from './headers.ts'
import type { ConnectorResponse } from './invoke-result.ts'
import { type Evaluate, outputVariables } from './output-variables.ts'

/** What decides the outcome besides the response. */
export interface OutcomeContext {
  /** Retries the job had left when it was activated. */
  readonly retries: number
  readonly headers: Headers
  readonly compatibility: Compatibility
  readonly evaluate: Evaluate
}

/** The outcome of a job, given the connector's response or failure. */
export async function executionOutcome(result: ConnectorResponse, context: OutcomeContext): Promise<Outcome> {
  if (!result.ok) return failureOutcome(result.error, context)
  const output = await outputVariables(result.response, context.headers, context)
  return output.ok
    ? { kind: 'completed', variables: output.variables }
    : failureOutcome(output.error, context)
}
