// Numbers as the Java connector passes them on: it parses JSON into Integer, Long, BigInteger and Double, and writes
// them again. Pure arithmetic on text, never a rounding of its own.
import { doubleText } from '../job/java-double.ts'
import { isJsonObject, type JsonValue, numberFromText, numberText } from '../job/json.ts'

/** Deepest nesting Jackson reads (`StreamReadConstraints`), counted as it does: the outermost container is 1. */
export const MAX_DEPTH = 1000

/** What Jackson says of anything deeper. */
export const TOO_DEEP = `Document nesting depth (${MAX_DEPTH + 1}) exceeds the maximum allowed (${MAX_DEPTH}, from \`StreamReadConstraints.getMaxNestingDepth()\`)`

/** Thrown when a value is nested deeper than Jackson reads; the message is Jackson's. */
export class NestingError extends Error {
  override readonly name = 'NestingError'

  constructor() {
    super(TOO_DEEP)
  }
}

/**
 * A JSON value after Java has read and written it: integers of any size stay exact, anything with a fraction or an
 * exponent becomes what `Double.toString` prints, and what overflows a double becomes the string `"Infinity"`.
 * @throws NestingError when the value is nested deeper than Jackson reads.
 */
export function throughJava(value: JsonValue, depth = 0): JsonValue {
  const number = numberText(value)
  if (number !== null) return numberThroughJava(number)
  if (Array.isArray(value)) {
    return enter(depth, () => value.map((item: JsonValue) => throughJava(item, depth + 1)))
  }
  if (!isJsonObject(value)) return value
  return enter(depth, () =>
    Object.fromEntries(Object.entries(value).map(([key, item]) => [key, throughJava(item, depth + 1)])),
  )
}

function enter(depth: number, rebuild: () => JsonValue): JsonValue {
  if (depth >= MAX_DEPTH) throw new NestingError()
  return rebuild()
}

function numberThroughJava(source: string): JsonValue {
  if (/^-?\d+$/.test(source)) return source === '-0' ? 0 : numberFromText(source)
  const value = Number(source)
  return Number.isFinite(value) ? numberFromText(doubleText(value)) : String(value)
}

/** A number's JSON text as Java holds it in a String: integers as they are, others by `Double.toString`. */
export function javaNumberText(source: string): string {
  if (/^-?\d+$/.test(source)) return source === '-0' ? '0' : source
  return doubleText(Number(source))
}

/** The number as a Java `float` and back: the shortest decimal that reads as the same float. */
export function floatValue(value: number): number {
  const float = Math.fround(value)
  if (!Number.isFinite(float)) return float
  for (let precision = 1; precision < 9; precision += 1) {
    const candidate = Number(float.toPrecision(precision))
    if (Math.fround(candidate) === float) return candidate
  }
  return Number(float.toPrecision(9))
}
