// Numbers as the Java connector passes them on: it parses JSON into Integer, Long, BigInteger and Double, and writes them again. Pure
// arithmetic on text, without rounding of its own.
import { doubleText } from '../job/java-double.ts'
import {
  isJsonArray,
  isJsonObject,
  type JsonValue,
  mapItems,
  numberFromText,
  numberText,
} from '../job/json.ts'

/** Deepest nesting Jackson reads (`StreamReadConstraints`), counted as it does: the outermost container is 1. */
export const MAX_DEPTH = 1000

/** Jackson's error for anything deeper. */
export const JACKSON_TOO_DEEP = `Document nesting depth (${MAX_DEPTH + 1}) exceeds the maximum allowed (${MAX_DEPTH}, from \`StreamReadConstraints.getMaxNestingDepth()\`)`

/** Thrown for values nested deeper than Jackson reads; the message is Jackson's. */
export class NestingError extends Error {
  override readonly name = 'NestingError'

  constructor() {
    super(JACKSON_TOO_DEEP)
  }
}

/**
 * A JSON value after Java has read and written it: integers of any size stay exact, anything with a fraction or an
 * exponent becomes what `Double.toString` prints, and what overflows a double becomes the string `"Infinity"`.
 * @throws NestingError when the value is nested deeper than Jackson reads.
 */
export function throughJava(value: JsonValue, depth = 0): JsonValue {
  if (typeof value !== 'object' && typeof value !== 'number') return value
  if (isJsonArray(value) || isJsonObject(value)) {
    if (depth >= MAX_DEPTH) throw new NestingError()
    return mapItems(value, (item) => throughJava(item, depth + 1))
  }
  const number = numberText(value)
  return number === null ? value : numberThroughJava(number, value)
}

/** A decimal that Java prints as it is written: no exponent, no trailing zeros, no more digits than a double keeps. */
const PLAIN_DECIMAL = /^-?(?:0\.0|0\.\d{0,2}[1-9]|[1-9]\d{0,6}\.(?:0|\d{0,7}[1-9]))$/

/** @returns `same` if Java writes the number as it was. */
function numberThroughJava(source: string, same: JsonValue): JsonValue {
  if (/^-?\d+$/.test(source)) return source === '-0' ? 0 : same
  if (PLAIN_DECIMAL.test(source)) return same
  const value = Number(source)
  if (!Number.isFinite(value)) return String(value)
  const text = doubleText(value)
  return text === source ? same : numberFromText(text)
}

/** A number's JSON text as Java prints it in a String: integers as they are, others by `Double.toString`. */
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
