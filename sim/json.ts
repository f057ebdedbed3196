// JSON of which nothing is known: reads fields that may be missing, and keeps the digits of numbers where they matter. Pure.

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

const json = JSON as unknown as { rawJSON(text: string): object }

/** Parses JSON so that `JSON.stringify` writes each number with the digits that it had. @throws SyntaxError */
export function parseExact(text: string): unknown {
  const keepDigits = (_: string, value: unknown, context: { source: string }) =>
    typeof value === 'number' ? json.rawJSON(context.source) : value
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown)
}

/** The value as an object; empty when it is none. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** Whether the value is an object, neither `null` nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value of a field; undefined when the value is no object or has no such field. */
export function fieldOf(value: unknown, ...path: readonly string[]): unknown {
  let found = value
  for (const name of path) found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined
  return found
}

/** The items of a list; empty when the value is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value of a field when it is a text. */
export function textOf(value: unknown, ...path: readonly string[]): string | undefined {
  const found = fieldOf(value, ...path)
  return typeof found === 'string' ? found : undefined
}
