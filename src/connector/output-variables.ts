// From the connector's response to the variables that complete a job: resultVariable, resultExpression, and the guard after them
// (`ConnectorResultHandler`, contract 3.4). Pure: the FEEL engine is passed in.
import { isJsonObject, type JsonObject, type JsonValue, stringifyJson } from '../job/json.ts'
import type { Headers } from '../job/task-headers.ts'
import type { Compatibility } from './compatibility.ts'
import { type ConnectorError, inputError } from './connector-error.ts'
import { type Engine, evaluateMapping } from './evaluate-mapping.ts'
import { isBlank } from './java-text.ts'
import { javaText } from './java-value-text.ts'

export type OutputVariables =
  | {
      readonly ok: true
      readonly variables: JsonObject
      /** JSON text of the variables. */
      readonly json: string
    }
  | { readonly ok: false; readonly error: ConnectorError; readonly isTooLarge?: true }

/** The variables for a response, by the task's headers; `{}` if these ask for none. */
export async function outputVariables(
  response: JsonValue,
  { resultVariable = '', resultExpression = '' }: Headers,
  engine: Engine,
): Promise<OutputVariables> {
  const variables: JsonObject = isBlank(resultVariable) ? {} : { [resultVariable]: response }
  if (isBlank(resultExpression)) return guarded(variables, stringifyJson(variables), engine)
  const context = { ...(isJsonObject(response) ? response : {}), response }
  const shown = () => {
    const text = responseText(response)
    return [text, `{response=${text}}`]
  }
  const mapped = await evaluateMapping(
    { kind: 'Result', expression: resultExpression, context, shown },
    engine,
  )
  if (!mapped.ok) return mapped
  // Not written a second time: a response may have some MB.
  if (mapped.value !== null && mapped.isSame && isBlank(resultVariable))
    return guarded(mapped.value, mapped.json, engine)
  const both = { ...variables, ...mapped.value }
  return guarded(both, stringifyJson(both), engine)
}

function guarded(variables: JsonObject, json: string, { compatibility }: Engine): OutputVariables {
  const error = sizeError(json, compatibility)
  return error === null ? { ok: true, variables, json } : { ok: false, error, isTooLarge: true }
}

/** What Java prints of a response. */
export function responseText(response: JsonValue): string {
  return isJsonObject(response)
    ? `InvokeModelWrappedResponse[body=${javaText(response['body'] ?? null)}]`
    : javaText(response)
}

const MAX_VARIABLES_BYTES = 1_572_864

/** Why variables, given as JSON text, are too large to end a job with (`InlineSizeGuard`); null if they are not. */
export function sizeError(variables: string, compatibility: Compatibility): ConnectorError | null {
  // Runtime 8.8.7 was recorded to send any size; the guard came with a later 8.8 and is in every 8.9.
  return compatibility === '8.8' || !tooLargeForVariables(variables) ? null : tooLargeError(variables)
}

/** Whether variables, given as JSON text, are too large to end a job with, whatever the version line does about it. */
export function tooLargeForVariables(variables: string): boolean {
  return Buffer.byteLength(variables) > MAX_VARIABLES_BYTES
}

export function tooLargeError(variables: string): ConnectorError {
  return inputError(
    `Output variables payload (${Buffer.byteLength(variables)} bytes) exceeds the 1.5 MB safe variable size limit for Zeebe job completion. To handle large payloads, enable the 'Create document' option where available.`,
  )
}
