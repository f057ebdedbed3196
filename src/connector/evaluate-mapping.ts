// Evaluates result and error expressions, which must give an object, and words the failure otherwise (`ConnectorResultHandler`). Pure: the
// FEEL engine is passed in.
import type { FeelResult } from '../feel/evaluate.ts'
import type { ExpressionOwner } from '../feel/line.ts'
import { isJsonObject, type JsonObject, type JsonValue, numberText, stringifyJson } from '../job/json.ts'
import type { Compatibility } from './compatibility.ts'
import { type ConnectorError, inputError } from './connector-error.ts'
import { type StoreDocument, storeDocuments, type WithDocuments } from './created-documents.ts'
import { throughJava } from './java-number.ts'
import type { Mask } from './secret-masking.ts'

/** A FEEL engine; the owners of expressions take turns. */
export type Evaluate = (
  expression: string,
  context: JsonObject,
  owner?: ExpressionOwner,
) => Promise<FeelResult>

/** How expressions are evaluated for one task. */
export interface Engine {
  readonly compatibility: Compatibility
  readonly evaluate: Evaluate
  /** Removes the values of secrets from messages. */
  readonly mask: Mask
  /** Stores documents of `createDocument` (8.10); absent without a document store. */
  readonly storeDocument?: StoreDocument | undefined
}

/** One of the two expressions of a task. */
export interface Mapping {
  readonly kind: 'Result' | 'Error'
  readonly expression: string
  /** The variables of the expression. */
  readonly context: JsonObject
  /** What Java prints of the context, part by part. Only called for error messages of lines from 8.9 on. */
  readonly shown: () => readonly string[]
}

/** The expression's object, null for none, or the failure that follows for the job. */
type Mapped =
  | {
      readonly ok: true
      readonly value: JsonObject | null
      /** JSON text of what the expression gave. */
      readonly json: string
      /** Whether `json` is the text of `value` too: false if Java changes a number, or unwraps a list. */
      readonly isSame: boolean
    }
  | { readonly ok: false; readonly error: ConnectorError }

const FEEL_EXCEPTION = 'io.camunda.connector.feel.FeelEngineWrapperException'
const FORBIDDEN = 'camunda.function.type'
const LONGEST_CONTEXT = 2000

/** Evaluates an expression that must give an object. */
export async function evaluateMapping(mapping: Mapping, engine: Engine): Promise<Mapped> {
  const { kind, expression, context, shown } = mapping
  const { compatibility, evaluate, mask } = engine
  const result = await evaluate(expression, context)
  if (!result.ok) {
    // 8.8 prints the address of an array.
    const text =
      compatibility === '8.8' ? '[Ljava.lang.Object;@00000000' : cut(mask(`[${shown().join(', ')}]`))
    const message = feelMessage(expression, text, result.message)
    // The same response would reach the limit again: another attempt would be paid, and fail.
    return { ok: false, error: { type: FEEL_EXCEPTION, message, input: result.why === 'limit' } }
  }
  const given = stringifyJson(result.value)
  if (result.value === null) return { ok: true, value: null, json: given, isSame: true }
  // Lines before 8.10 do not check error expressions; for 8.9 it is done here, because what got through would call a function.
  if (given.includes(FORBIDDEN) && (kind === 'Result' || compatibility !== '8.8')) {
    const reason = `The connector result contains a forbidden literal '${FORBIDDEN}'.`
    return { ok: false, error: notUsable(FORBIDDEN, given, { reason, engine }) }
  }
  const stored = await withDocuments(result, engine)
  if (!stored.ok) return stored
  const json = stored.value === result.value ? given : stringifyJson(stored.value)
  const value = asObject(stored.value, compatibility)
  if (value !== null) return { ok: true, value, json, isSame: value === stored.value }
  const reason =
    compatibility === '8.8'
      ? `Cannot parse '${json}' as 'java.util.Map'.`
      : `${kind} expression must return a JSON object, but got ${kindOf(stored.value)}. Evaluated value: ${json}`
  return { ok: false, error: notUsable(expression, json, { reason, engine }) }
}

async function noStore(): Promise<never> {
  throw new Error('no address of the REST API is set (ZEEBE_REST_ADDRESS)')
}

function withDocuments(
  { value, mark }: Extract<FeelResult, { ok: true }>,
  { storeDocument }: Engine,
): Promise<WithDocuments> | WithDocuments {
  return mark === undefined ? { ok: true, value } : storeDocuments(value, mark, storeDocument ?? noStore)
}

/** The failure for an expression whose value, given as JSON, cannot be used. */
export function notUsable(
  expression: string,
  json: string,
  { reason, engine }: { readonly reason: string; readonly engine: Pick<Engine, 'compatibility' | 'mask'> },
): ConnectorError {
  // Masked before it is cut, or the beginning of a secret could be left.
  const context = engine.compatibility === '8.8' ? json : cut(engine.mask(json))
  return inputError(`${FEEL_EXCEPTION}: ${feelMessage(expression, context, reason)}`)
}

/** The object for a value, null if it is none. 8.8 uses Jackson, which unwraps a list of one. */
function asObject(value: JsonValue, compatibility: Compatibility): JsonObject | null {
  if (compatibility === '8.8' && Array.isArray(value) && value.length === 1) {
    const [only]: readonly JsonValue[] = value
    if (only === null) return {}
    return isJsonObject(only) ? asObject(only, compatibility) : null
  }
  const read = isJsonObject(value) ? throughJava(value) : null
  return isJsonObject(read) ? read : null
}

function kindOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'array'
  return numberText(value) === null ? typeof value : 'number'
}

function feelMessage(expression: string, context: string, reason: string): string {
  return `Failed to evaluate expression '${expression}' in context '${context}'. Reason: ${reason}`
}

function cut(context: string): string {
  return context.length > LONGEST_CONTEXT ? `${context.slice(0, LONGEST_CONTEXT)}...(truncated)` : context
}
