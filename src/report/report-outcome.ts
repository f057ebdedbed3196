// From an outcome to a Zeebe command, and from the gateway's answer to what follows. Knows no loop and no Redis.
import type { GatewayError } from '../camunda/gateway-error.ts'
import type { JobPort } from '../camunda/job-port.ts'
import type { JobKey } from '../job/ids.ts'
import { type JsonValue, numberText, parseJson } from '../job/json.ts'
import type { Outcome } from '../job/outcome.ts'

/** Reports an outcome. @throws GatewayError */
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

/** What follows from the answer to a report. */
export type ReportEnd =
  /** Zeebe has it, or no longer wants it. */
  | {
      readonly kind: 'ended'
      readonly result: 'accepted' | 'gone' | 'notActive'
      readonly state: 'done' | 'released' | 'kept'
    }
  /** The same report may go through later. */
  | { readonly kind: 'later'; readonly error: GatewayError }
  /** It will never go through: this failure is reported in its place. */
  | { readonly kind: 'instead'; readonly outcome: Outcome }

/** Judges the gateway's answer; `null` means that it took the command. Pure. */
export function judgeReport(outcome: Outcome, error: GatewayError | null): ReportEnd {
  const state = outcome.kind === 'failed' ? 'released' : 'done'
  if (error === null) return { kind: 'ended', result: 'accepted', state }
  switch (error.disposition) {
    case 'gone':
      return { kind: 'ended', result: 'gone', state: 'done' }
    case 'notActive':
      // The job is in back-off or in an incident, caused by somebody else. If Zeebe hands it out again, a result is reported again
      // and not paid again; a failure is over.
      return { kind: 'ended', result: 'notActive', state: outcome.kind === 'failed' ? 'released' : 'kept' }
    case 'later':
    case 'aborted':
      return { kind: 'later', error }
    case 'tooLarge':
    case 'rejected':
      if (outcome.kind !== 'failed') return { kind: 'instead', outcome: unreportable(outcome, error) }
      if (outcome.variables !== '{}') return { kind: 'instead', outcome: { ...outcome, variables: '{}' } }
      // Not even a bare failure goes through: permissions or versions, which an operator can fix. The answer is kept.
      return { kind: 'later', error }
  }
}

/** Zeebe stores numbers in MessagePack: integers have at most 64 bits. */
const SMALLEST = -(2n ** 63n)
const LARGEST = 2n ** 64n - 1n

/**
 * The failure to report in place of an outcome that Zeebe cannot store, null for any other. The gateway would refuse it each time,
 * without a reason. Pure.
 */
export function unstorable(outcome: Outcome): Outcome | null {
  if (!/\d{19}/.test(outcome.variables)) return null
  const tooLarge = findInteger(parseJson(outcome.variables))
  if (tooLarge === null) return null
  const message = `The result of this job holds the integer ${tooLarge.slice(0, 60)}, which Zeebe cannot store: it takes -2^63 to 2^64-1. Have the model give it as text, or leave it out with a result expression. The model was called; it is not called again until the incident is resolved.`
  return incident(message)
}

function findInteger(value: JsonValue): string | null {
  const text = numberText(value)
  if (text !== null) {
    if (!/^-?\d+$/.test(text)) return null
    const integer = BigInt(text)
    return integer < SMALLEST || integer > LARGEST ? text : null
  }
  if (typeof value !== 'object' || value === null) return null
  for (const part of Object.values(value) as JsonValue[]) {
    const found = findInteger(part)
    if (found !== null) return found
  }
  return null
}

/** The failure to report in place of an outcome that the gateway refuses for a reason of its own. Pure. */
export function unreportable(outcome: Outcome, error: GatewayError): Outcome {
  const bytes = Buffer.byteLength(outcome.variables)
  const why =
    error.disposition === 'tooLarge'
      ? `The result of this job (${bytes} bytes) is larger than the Zeebe gateway takes. Map less of it with a result expression, or ask the model for less.`
      : `The Zeebe gateway refused the result of this job: ${error.message}`
  return incident(`${why} The model was called; it is not called again until the incident is resolved.`)
}

/** The failure to report when a secret of an outcome is gone for good. */
export function secretLost(reason: string): Outcome {
  return incident(
    `The result of this job holds a secret that has changed since the model was called: ${reason}. Give the reporting process (role adapter) the same value as the workers. The model was called; it is not called again until the incident is resolved.`,
  )
}

/** A failure without retries. */
export function incident(message: string): Outcome {
  const variables = JSON.stringify({
    error: { message, type: 'io.camunda.connector.api.error.ConnectorInputException' },
  })
  return { kind: 'failed', retries: 0, retryBackoffMs: 0, errorMessage: message, variables }
}
