// Header errorExpression: evaluated for every outcome, it may turn it into a BPMN error, another failure or a success
// (`ConnectorResultHandler.examineErrorExpression`, contract 3.5). Pure: the FEEL engine is passed in.
import { parseDuration } from '../job/duration.ts'
import { isJsonObject, type JsonObject, type JsonValue, numberText } from '../job/json.ts'
import type { DocumentBinding } from './bind-scalar.ts'
import { bindInteger, bindString } from './bind-scalar.ts'
import { BindingError } from './binding-error.ts'
import type { Compatibility } from './compatibility.ts'
import type { ConnectorError } from './connector-error.ts'
import { type Engine, evaluateMapping, notUsable } from './evaluate-mapping.ts'
import { isBlank, trim } from './java-text.ts'

/** What an error expression asks for; omitted parts are null. */
export type AskedError =
  | {
      readonly kind: 'bpmnError'
      readonly errorCode: string
      readonly errorMessage: string | null
      readonly variables: JsonObject
    }
  | {
      readonly kind: 'jobError'
      readonly errorMessage: string | null
      readonly variables: JsonObject | null
      readonly retries: number | null
      /** ms */
      readonly retryBackoffMs: number | null
    }
  | { readonly kind: 'ignoreError'; readonly variables: JsonObject }

/** What an error expression can see of an outcome. */
export interface Examined {
  /** The response, the output variables or the error. The expression knows its keys by name, and the whole as `response`. */
  readonly response: JsonValue
  /** What Java prints of it. */
  readonly text: () => string
  /** Retries the job had left when it was activated. */
  readonly retries: number
}

/** What the expression asks for, null for nothing, or the failure of the expression itself. */
type Examination =
  | { readonly ok: true; readonly asked: AskedError | null }
  | { readonly ok: false; readonly error: ConnectorError }

const NOTHING: Examination = { ok: true, asked: null }
const CONNECTOR_ERROR = 'io.camunda.connector.runtime.core.error.ConnectorError'

/** The runtime reads the error without documents. */
const NO_DOCUMENTS: DocumentBinding = {
  text: () => undefined,
  document: () => null,
  object: (value) => value,
}

/** @param expression - the header; blank for none. */
export async function examineErrorExpression(
  expression: string,
  { response, text, retries }: Examined,
  engine: Engine,
): Promise<Examination> {
  if (isBlank(expression)) return NOTHING
  const context = { ...(isJsonObject(response) ? response : {}), response, job: { retries } }
  const job = `ErrorExpressionJobContext[job=ErrorExpressionJob[retries=${retries}]]`
  const shown = () => {
    const java = text()
    return [java, `{response=${java}}`, job]
  }
  const mapped = await evaluateMapping({ kind: 'Error', expression, context, shown }, engine)
  if (!mapped.ok) return mapped
  if (mapped.value === null || Object.keys(mapped.value).length === 0) return NOTHING
  try {
    // A list of one counts as an object at first, and then as no error.
    if (mapped.json.startsWith('[')) throw wrong()
    return { ok: true, asked: readError(mapped.value, engine.compatibility) }
  } catch (error) {
    if (!(error instanceof BindingError)) throw error
    const reason = `Cannot parse '${mapped.json}' as '${CONNECTOR_ERROR}'.`
    return { ok: false, error: notUsable(expression, mapped.json, { reason, engine }) }
  }
}

/**
 * Reads the context that the FEEL functions make, or that a diagram has written itself, like Jackson.
 * @throws BindingError when it is no error.
 */
function readError(value: JsonObject, compatibility: Compatibility): AskedError | null {
  if (Array.isArray(value['errorType'])) throw wrong()
  switch (text(value, 'errorType')) {
    case 'bpmnError': {
      const errorCode = text(value, 'errorCode')
      const errorMessage = text(value, 'errorMessage')
      const variables = object(value, 'variables') ?? {}
      return errorCode === null ? null : { kind: 'bpmnError', errorCode, errorMessage, variables }
    }
    case 'jobError':
      return {
        kind: 'jobError',
        errorMessage: text(value, 'errorMessage'),
        variables: object(value, 'variables'),
        retries: bindInteger(value['retries'], place('retries')),
        retryBackoffMs: duration(value, 'retryBackoff'),
      }
    case 'ignoreError':
      if (compatibility !== '8.8') return { kind: 'ignoreError', variables: object(value, 'variables') ?? {} }
  }
  throw wrong()
}

const place = (name: string) => ({ path: [name], token: 'VALUE_STRING', documents: NO_DOCUMENTS })

function text(value: JsonObject, name: string): string | null {
  return bindString(value[name], place(name))
}

function object(value: JsonObject, name: string): JsonObject | null {
  const given = single(value, name)
  if (given === null || isJsonObject(given)) return given
  throw wrong()
}

/** A text in the form of ISO 8601, or a number of seconds. */
function duration(value: JsonObject, name: string): number | null {
  const given = single(value, name)
  if (given === null || (typeof given === 'string' && isBlank(given))) return null
  const seconds = numberText(given)
  const read =
    typeof given === 'string' ? parseDuration(trim(given)) : seconds === null ? null : Number(seconds) * 1000
  if (read === null || !Number.isSafeInteger(Math.trunc(read))) throw wrong()
  return Math.trunc(read)
}

/** A list of one counts as its element. */
function single(value: JsonObject, name: string): JsonValue {
  const given = value[name] ?? null
  return Array.isArray(given) && given.length === 1 ? (given[0] ?? null) : given
}

function wrong(): BindingError {
  return new BindingError({ type: CONNECTOR_ERROR, message: '', input: true })
}
