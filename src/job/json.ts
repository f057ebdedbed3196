// JSON without loss: process variables hold 64-bit keys and decimals that a JavaScript number would change. Used wherever foreign JSON
// passes through. Never rounds, never drops a digit.
import { isRawJSON, parseLossless, type RawNumber, rawJSON } from './lossless-json.ts'

export type { RawNumber } from './lossless-json.ts'

/** Any JSON value. Objects are plain; a key named `__proto__` is an ordinary own property, so spread, never assign. */
export type JsonValue = null | boolean | number | string | RawNumber | readonly JsonValue[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/**
 * Reads JSON text.
 * @throws SyntaxError when it is not JSON.
 */
export function parseJson(text: string): JsonValue {
  return parseLossless(text) as JsonValue
}

/** Writes JSON text: the numbers that {@link parseJson} read come out as they were. */
export function stringifyJson(value: JsonValue): string {
  return JSON.stringify(value)
}

/**
 * A number by its JSON text.
 * @throws SyntaxError when the text is not a JSON number.
 */
export function numberFromText(text: string): number | RawNumber {
  const value = Number(text)
  return String(value) === text ? value : rawJSON(text)
}

/** The JSON text of a number, or null when the value is no number. */
export function numberText(value: JsonValue): string | null {
  if (typeof value === 'number') return String(value)
  return isRawJSON(value) ? value.rawJSON : null
}

/** Whether the value is a JSON object: no array, no null, no number kept as text. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJSON(value)
}

/** A list or an object with each item changed. Returns the same object if no item changed: most values are large, and stay. */
export function mapItems<Value extends readonly JsonValue[] | JsonObject>(
  value: Value,
  change: (item: JsonValue) => JsonValue,
): Value
export function mapItems(
  value: readonly JsonValue[] | JsonObject,
  change: (item: JsonValue) => JsonValue,
): JsonValue {
  if (isJsonArray(value)) {
    let changed: JsonValue[] | null = null
    for (const [index, item] of value.entries()) {
      const made = change(item)
      if (made !== item) changed ??= value.slice(0, index)
      changed?.push(made)
    }
    return changed ?? value
  }
  let changed: [string, JsonValue][] | null = null
  const keys = Object.keys(value)
  for (const [index, key] of keys.entries()) {
    const item = value[key] ?? null
    const made = change(item)
    if (made !== item) changed ??= keys.slice(0, index).map((before) => [before, value[before] ?? null])
    changed?.push([key, made])
  }
  return changed === null ? value : Object.fromEntries(changed)
}

/** Like `Array.isArray`, for read-only lists too. */
export function isJsonArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value)
}
