// From the connector's response to the variables a job is completed with: resultVariable, resultExpression, and the
// guards around them (`ConnectorResultHandler`). Pure: the FEEL engine is passed in.
import { isJsonObject, type JsonObject, type JsonValue, numberText, stringifyJson } from '../job/json.ts'
import type { Compatibility } from './compatibility.ts'
import { type ConnectorError, inputError, javaError } from './connector-error.ts'
import type { Headers } from './headers.ts'
import { throughJava } from './java-number.ts'
import { isBlank } from './java-text.ts'

/** What a FEEL engine makes of an expression; `message` is the engine's reason. */
export type FeelResult =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly message: string }

/** A FEEL engine. It may take a while. */
export type Evaluate = (expression: string, context: JsonObject) => Promise<FeelResult>

export type OutputVariables =
  | { readonly ok: true; readonly variables: string }
  | { readonly ok: false; readonly error: ConnectorError }

const FEEL_EXCEPTION = 'io.camunda.connector.feel.FeelEngineWrapperException'
const FORBIDDEN = 'camunda.function.type'
const LONGEST_CONTEXT = 2000
const MAX_VARIABLES_BYTES = 1_572_864

/**
 * The variables, as JSON text of an object, that a response means for a task with these headers.
 */
export async function outputVariables(
  response: JsonValue,
  headers: Headers,
  { compatibility, evaluate }: { compatibility: Compatibility; evaluate: Evaluate },
): Promise<OutputVariables> {
  const { resultVariable = '', resultExpression = '' } = headers
  const variable = isBlank(resultVariable) ? {} : { [resultVariable]: response }
  if (isBlank(resultExpression)) return guarded(variable, compatibility)
  const mapped = await mapResponse(resultExpression, response, { compatibility, evaluate })
  return mapped.ok ? guarded({ ...variable, ...mapped.variables }, compatibility) : mapped
}

type Mapped =
  | { readonly ok: true; readonly variables: JsonObject }
  | { readonly ok: false; readonly error: ConnectorError }

async function mapResponse(
  expression: string,
  response: JsonValue,
  { compatibility, evaluate }: { compatibility: Compatibility; evaluate: Evaluate },
): Promise<Mapped> {
  const result = await evaluate(expression, { ...(isJsonObject(response) ? response : {}), response })
  if (!result.ok) {
    const context = evaluationContext(response, compatibility)
    return { ok: false, error: javaError(FEEL_EXCEPTION, feelMessage(expression, context, result.message)) }
  }
  if (result.value === null) return { ok: true, variables: {} }
  const json = stringifyJson(result.value)
  const refuse = (subject: string, reason: string): Mapped => {
    const context = compatibility === '8.8' ? json : cut(json)
    return { ok: false, error: inputError(`${FEEL_EXCEPTION}: ${feelMessage(subject, context, reason)}`) }
  }
  if (json.includes(FORBIDDEN)) {
    return refuse(FORBIDDEN, `The connector result contains a forbidden literal '${FORBIDDEN}'.`)
  }
  const variables = asVariables(result.value, compatibility)
  if (variables !== null) return { ok: true, variables }
  return refuse(expression, notAnObject(result.value, json, compatibility))
}

/** The object a result stands for. 8.8 reads it with Jackson, which unwraps a list of one. */
function asVariables(value: JsonValue, compatibility: Compatibility): JsonObject | null {
  if (compatibility === '8.8' && Array.isArray(value) && value.length === 1) {
    const [only]: readonly JsonValue[] = value
    if (only === null) return {}
    return isJsonObject(only) ? asVariables(only, compatibility) : null
  }
  const read = isJsonObject(value) ? throughJava(value) : null
  return isJsonObject(read) ? read : null
}

function notAnObject(value: JsonValue, json: string, compatibility: Compatibility): string {
  if (compatibility === '8.8') return `Cannot parse '${json}' as 'java.util.Map'.`
  return `Result expression must return a JSON object, but got ${kindOf(value)}. Evaluated value: ${json}`
}

function kindOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'array'
  return numberText(value) === null ? typeof value : 'number'
}

function guarded(variables: JsonObject, compatibility: Compatibility): OutputVariables {
  const json = stringifyJson(variables)
  // Runtime 8.8.7 was recorded to send any size; the guard came with a later 8.8 and is in every 8.9.
  const bytes = compatibility === '8.8' ? 0 : Buffer.byteLength(json)
  if (bytes <= MAX_VARIABLES_BYTES) return { ok: true, variables: json }
  const message = `Output variables payload (${bytes} bytes) exceeds the 1.5 MB safe variable size limit for Zeebe job completion. To handle large payloads, enable the 'Create document' option where available.`
  return { ok: false, error: inputError(message) }
}

function feelMessage(expression: string, context: string, reason: string): string {
  return `Failed to evaluate expression '${expression}' in context '${context}'. Reason: ${reason}`
}

function cut(context: string): string {
  return context.length > LONGEST_CONTEXT ? `${context.slice(0, LONGEST_CONTEXT)}...(truncated)` : context
}

/** How Java shows what an expression was evaluated with: 8.8 an address, later lines the values. */
function evaluationContext(response: JsonValue, compatibility: Compatibility): string {
  if (compatibility === '8.8') return '[Ljava.lang.Object;@00000000'
  const shown = isJsonObject(response)
    ? `InvokeModelWrappedResponse[body=${javaText(response['body'] ?? null)}]`
    : javaText(response)
  return cut(`[${shown}, {response=${shown}}]`)
}

function javaText(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`
  if (!isJsonObject(value)) return numberText(value) ?? String(value)
  const entries = Object.entries(value).map(([key, item]) => `${key}=${javaText(item)}`)
  return `{${entries.join(', ')}}`
}
