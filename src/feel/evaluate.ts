// The border to the FEEL engine: JSON in, JSON out. Nothing else in the project knows which engine it is.
// Synchronous and unbounded, so it belongs where a long evaluation hurts nobody; never logs what it is given.
import { evaluate as evaluateFeel } from 'feelin'
import { isJsonObject, type JsonObject, type JsonValue, numberFromText, numberText } from '../job/json.ts'
import { parseFailure } from './parse-failure.ts'

/** A value, or why there is none in the words of the engine the diagrams were written for (feel-scala). */
export type FeelResult =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly parseError: boolean; readonly message: string }

/**
 * Evaluates an expression. A leading `=` and blanks around it are left out; what the context does not know is null.
 * @param context - the variables by name. Integers beyond 2^53 pass through exact; arithmetic on them gives null.
 */
export function evaluate(expression: string, context: JsonObject): FeelResult {
  const feel = expression.trim().replace(/^=/, '').trim()
  const variables = Object.fromEntries(Object.entries(context).map(([name, value]) => [name, toFeel(value)]))
  try {
    return { ok: true, value: fromFeel(evaluateFeel(feel, variables).value) }
  } catch (error) {
    if (isSyntaxError(error)) return { ok: false, parseError: true, message: parseFailure(feel, variables) }
    const reason = error instanceof Error ? error.message : String(error)
    return { ok: false, parseError: false, message: `failed to evaluate expression '${feel}': ${reason}` }
  }
}

/** feelin's own SyntaxError is not exported; it is the one that tells a position. */
function isSyntaxError(error: unknown): boolean {
  return error instanceof Error && 'position' in error
}

function toFeel(value: JsonValue): unknown {
  if (Array.isArray(value)) return value.map(toFeel)
  if (isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toFeel(item)]))
  }
  const number = numberText(value)
  if (number === null || typeof value === 'number') return value
  return /^-?\d+$/.test(number) && !Number.isSafeInteger(Number(number)) ? BigInt(number) : Number(number)
}

function fromFeel(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) ? value : null
    case 'bigint':
      return numberFromText(String(value))
    case 'object':
      return value === null ? null : fromFeelObject(value)
    default:
      return null
  }
}

function fromFeelObject(value: object): JsonValue {
  if (Array.isArray(value)) return value.map(fromFeel)
  // Dates, times and durations know their ISO form; functions have no JSON.
  if ('toJSON' in value && typeof value.toJSON === 'function') return String(value.toJSON())
  if (isPlain(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromFeel(item)]))
  return 'start' in value ? String(value) : null
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
