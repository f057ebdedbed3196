// From a failure to the outcome for Zeebe: retries, backoff, message, and the variables for the diagram (contract 3.6). Pure.
import { type JsonObject, stringifyJson } from '../job/json.ts'
import type { Failed } from '../job/outcome.ts'
import type { Headers } from '../job/task-headers.ts'
import type { Compatibility } from './compatibility.ts'
import { type ConnectorError, NULL_POINTER } from './connector-error.ts'
import type { AskedError } from './error-expression.ts'
import { retryBackoffMs } from './headers.ts'
import { hashMapText, javaText } from './java-value-text.ts'

/** Longest message that the runtime sends. */
const LONGEST_MESSAGE = 6000

/** A message as the runtime sends it. */
export function cutMessage(message: string): string {
  return message.slice(0, LONGEST_MESSAGE)
}

/** An error as expressions and the diagram's variables see it. With `resultDetails`, AWS's own name and status are added to an error of AWS. */
export function errorVariable({ type, message, code, shown }: ConnectorError): JsonObject {
  return { message: cutMessage(message), type, ...(code === undefined ? {} : { code }), ...shown }
}

/** What Java prints of `{error: …}` for an error. */
export function errorText(error: ConnectorError): string {
  return javaText({ error: errorVariable(error) })
}

/**
 * The failure of a job: an input error takes all retries, any other error one.
 * @param retries - the job's retries when it was activated.
 */
export function failureOutcome(
  error: ConnectorError,
  { retries, headers, compatibility }: { retries: number; headers: Headers; compatibility: Compatibility },
): Failed {
  return failed(error, {
    compatibility,
    retries: error.input ? 0 : Math.max(retries - 1, 0),
    retryBackoffMs: error.retryBackoffMs ?? retryBackoffMs(headers),
  })
}

/** The failure of a job whose error expression failed: no retries, no backoff, whatever the outcome was. */
export function expressionFailure(error: ConnectorError, compatibility: Compatibility): Failed {
  return failed(error, { compatibility, retries: 0, retryBackoffMs: 0 })
}

function failed(
  error: ConnectorError,
  told: { compatibility: Compatibility; retries: number; retryBackoffMs: number },
): Failed {
  const { compatibility, retries, retryBackoffMs } = told
  return {
    kind: 'failed',
    retries,
    retryBackoffMs,
    errorMessage: cutMessage(withVariables(error.message, errorText(error), compatibility)),
    variables: stringifyJson({ error: errorVariable(error) }),
  }
}

type JobError = Extract<AskedError, { kind: 'jobError' }>

/**
 * The failure that `jobError` asks for, or Java's exception for a part that is missing. Its message is not cut: it must be masked
 * first.
 */
export function jobErrorOutcome(asked: JobError, compatibility: Compatibility): Failed {
  const { errorMessage, variables, retries, retryBackoffMs } = asked
  const noMap = compatibility === '8.8' || variables === null
  if (errorMessage === null && noMap) return expressionFailure(nullPointer(''), compatibility)
  if (retries === null) return expressionFailure(nullPointer(NO_RETRIES), compatibility)
  const told = { ...(noMap ? {} : variables), error: errorMessage }
  return {
    kind: 'failed',
    retries: Math.max(retries, 0),
    retryBackoffMs: retryBackoffMs ?? 0,
    errorMessage: withVariables(
      String(errorMessage),
      hashMapText(told, noMap ? 0 : Object.keys(variables).length),
      compatibility,
    ),
    variables: stringifyJson(told),
  }
}

const NO_RETRIES =
  'Cannot invoke "java.lang.Integer.intValue()" because the return value of "io.camunda.connector.runtime.core.error.JobError.retries()" is null'

/** Java's exception where null is not accepted. */
export function nullPointer(message: string): ConnectorError {
  return { type: NULL_POINTER, message, input: false }
}

/** Lines from 8.9 on print the variables after the message. */
function withVariables(message: string, text: string, compatibility: Compatibility): string {
  return compatibility === '8.8' ? message : `${message} | Error variables: ${text}`
}
