// JSON without loss: process variables carry 64-bit keys and decimals that a JavaScript number would change.
// Used wherever JSON passes through that is not ours. Never rounds, never drops a digit.

/** A number whose JavaScript form would not print the same: its text is kept, and `JSON.stringify` writes it as is. */
export interface RawNumber {
  readonly rawJSON: string
}

/** Any JSON value. Objects are plain; a key named `__proto__` is an ordinary own property, so spread, never assign. */
export type JsonValue = null | boolean | number | string | RawNumber | readonly JsonValue[] | JsonObject

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue
}

// Node's JSON.parse source text access (https://github.com/tc39/proposal-json-parse-with-source), not yet in lib.
interface LosslessJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown
  rawJSON(text: string): RawNumber
  isRawJSON(value: unknown): value is RawNumber
}
const lossless = JSON as unknown as LosslessJson

// What a number must show for its text to differ from what JavaScript prints: 16 digits, a fraction that ends in 0,
// a fraction small enough for an exponent, an exponent, or -0. Inside strings it only costs the slower way.
const MAY_LOSE = /[\d.]{16}|\.\d*0(?!\d)|0\.0{6}|\d[eE][-+]?\d|-0(?!\d)/

/**
 * Reads JSON text.
 * @throws SyntaxError when it is not JSON.
 */
export function parseJson(text: string): JsonValue {
  if (!MAY_LOSE.test(text)) return JSON.parse(text) as JsonValue
  return lossless.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && source !== String(value)
      ? lossless.rawJSON(source)
      : value,
  ) as JsonValue
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
  return String(value) === text ? value : lossless.rawJSON(text)
}

/** The JSON text of a number, or null when the value is no number. */
export function numberText(value: JsonValue): string | null {
  if (typeof value === 'number') return String(value)
  return lossless.isRawJSON(value) ? value.rawJSON : null
}

/** Whether the value is a JSON object: no array, no null, no number kept as text. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !lossless.isRawJSON(value)
}
