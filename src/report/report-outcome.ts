// One outcome to one Zeebe command, and what the gateway's answer means. Knows no loop and no Redis.
import type { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { JobKey } from '../job/ids.ts'
import type { Outcome } from '../job/outcome.ts'

/** Tells Zeebe. @throws GatewayError */
export function sendOutcome(port: JobPort, jobKey: JobKey, outcome: Outcome): Promise<void> {
  switch (outcome.kind) {
    case 'completed':
      return port.complete({ jobKey, variables: outcome.variables })
    case 'failed': {
      const { retries, retryBackoffMs, errorMessage, variables } = outcome
      return port.fail({ jobKey, retries, retryBackoffMs, errorMessage, variables })
    }
    case 'bpmnError': {
      const { errorCode, errorMessage, variables } = outcome
      return port.throwError({ jobKey, errorCode, errorMessage, variables })
    }
  }
}

/** What follows from a report. */
export type ReportEnd =
  /** Zeebe has it, or does not want it any more. */
  | {
      readonly kind: 'ended'
      readonly result: 'accepted' | 'gone' | 'notActive'
      readonly state: 'done' | 'released' | 'kept'
    }
  /** The same report may go through later. */
  | { readonly kind: 'later'; readonly error: GatewayError }
  /** It will never go through: Zeebe is told this failure in its place. */
  | { readonly kind: 'instead'; readonly outcome: Outcome }

/** Judges what the gateway said: `null` means that it took the command. Pure. */
export function judgeReport(outcome: Outcome, error: GatewayError | null): ReportEnd {
  const state = outcome.kind === 'failed' ? 'released' : 'done'
  if (error === null) return { kind: 'ended', result: 'accepted', state }
  switch (error.disposition) {
    case 'gone':
      return { kind: 'ended', result: 'gone', state: 'done' }
    case 'notActive':
      // In back-off or in an incident, by another's doing. When the key comes back a result is reported again, not
      // paid for again; a failure has been had.
      return { kind: 'ended', result: 'notActive', state: outcome.kind === 'failed' ? 'released' : 'kept' }
    case 'later':
    case 'aborted':
      return { kind: 'later', error }
    case 'tooLarge':
    case 'rejected':
      if (outcome.kind !== 'failed') return { kind: 'instead', outcome: unreportable(outcome, error) }
      if (outcome.variables !== '{}') return { kind: 'instead', outcome: { ...outcome, variables: '{}' } }
      // Not even a bare failure: a matter of rights or versions, which an operator can mend. The answer is kept.
      return { kind: 'later', error }
  }
}

function unreportable(outcome: Outcome, error: GatewayError): Outcome {
  const bytes = Buffer.byteLength(outcome.variables)
  const why =
    error.disposition === 'tooLarge'
      ? `The result of this job (${bytes} bytes) is larger than the Zeebe gateway takes. Map less of it with a result expression, or ask the model for less.`
      : `The Zeebe gateway refused the result of this job: ${error.message}`
  const message = `${why} The model was called; it is not called again until the incident is resolved.`
  const variables = JSON.stringify({
    error: { message, type: 'io.camunda.connector.api.error.ConnectorInputException' },
  })
  return { kind: 'failed', retries: 0, retryBackoffMs: 0, errorMessage: message, variables }
}
