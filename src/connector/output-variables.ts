// From the connector's response to the variables a job is completed with: resultVariable, resultExpression, and the
// guard behind them (`ConnectorResultHandler`, contract 3.4). Pure: the FEEL engine is passed in.
import { isJsonObject, type JsonObject, type JsonValue, stringifyJson } from '../job/json.ts'
import type { ConnectorError } from './connector-error.ts'
import { type Engine, evaluateMapping } from './evaluate-mapping.ts'
import type { Headers } from './headers.ts'
import { isBlank } from './java-text.ts'
import { javaText } from './java-value-text.ts'
import { tooLarge } from './variables-guard.ts'

export type OutputVariables =
  | { readonly ok: true; readonly variables: JsonObject }
  | { readonly ok: false; readonly error: ConnectorError }

/** The variables that a response means for a task with these headers; none at all is `{}`. */
export async function outputVariables(
  response: JsonValue,
  { resultVariable = '', resultExpression = '' }: Headers,
  engine: Engine,
): Promise<OutputVariables> {
  const variables: JsonObject = isBlank(resultVariable) ? {} : { [resultVariable]: response }
  if (isBlank(resultExpression)) return guarded(variables, engine)
  const context = { ...(isJsonObject(response) ? response : {}), response }
  const text = responseText(response)
  const shown = [text, `{response=${text}}`]
  const mapped = await evaluateMapping(
    { kind: 'Result', expression: resultExpression, context, shown },
    engine,
  )
  return mapped.ok ? guarded({ ...variables, ...mapped.value }, engine) : mapped
}

function guarded(variables: JsonObject, { compatibility }: Engine): OutputVariables {
  const error = tooLarge(stringifyJson(variables), compatibility)
  return error === null ? { ok: true, variables } : { ok: false, error }
}

/** What Java prints of a response. */
export function responseText(response: JsonValue): string {
  return isJsonObject(response)
    ? `InvokeModelWrappedResponse[body=${javaText(response['body'] ?? null)}]`
    : javaText(response)
}
