// Binds JSON to Java's String, Integer and Float by Jackson's rules, with the features that the connector runtime enables: scalars are
// coerced, a list of one is unwrapped. Throws only BindingError.
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberFromText,
  numberText,
  type RawNumber,
} from '../job/json.ts'
import { type BindingPath, invalidFormat, mismatch, severalValues, wrongShape } from './binding-error.ts'
import type { DocumentReference } from './documents/document-reference.ts'
import { floatValue, javaNumberText } from './java-number.ts'
import { trim } from './java-text.ts'

/** Where a scalar is in the job. */
export interface Place {
  readonly path: BindingPath
  /** Jackson's current token while this is bound; one of its messages shows it. */
  readonly token: string
  readonly documents: DocumentBinding
}

/**
 * Binds documents and intrinsic functions of one job: any value in its variables may be a document reference, or a function of one. Throws
 * BindingError and NeedsDocument.
 */
export interface DocumentBinding {
  /** A String target: base64 of a document, or a function's text; undefined if the object is neither. */
  text(value: JsonObject, place: Place): string | undefined
  /** A Document target. */
  document(value: JsonValue, place: Place): DocumentReference | null
  /** An Object target, as the connector writes it into a request: a document becomes `{}`. */
  object(value: JsonValue, place: Place): JsonValue
}

interface ScalarType<Bound> {
  readonly className: string
  /** Binds a value that is neither null, list nor object. */
  readonly bind: (value: string | boolean | { readonly number: string }, path: BindingPath) => Bound | null
}

const MAX_INT = 2_147_483_647
const MIN_INT = -2_147_483_648
const MAX_LONG = 2n ** 63n - 1n
const MIN_LONG = -(2n ** 63n)
const FLOAT_WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  INF: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-INF': Number.NEGATIVE_INFINITY,
}

/** A String: numbers and booleans become text, a document its content in base64. */
export function bindString(value: JsonValue | undefined, place: Place): string | null {
  const text = isJsonObject(value) ? place.documents.text(value, place) : undefined
  return text === undefined ? bindScalar(value, place, STRING) : text
}

/** An Integer: a fraction is cut off, a text must be a whole number, a blank text is null. */
export function bindInteger(value: JsonValue | undefined, place: Place): number | null {
  return bindScalar(value, place, INTEGER)
}

/** A Long, with all 64 bits: a fraction is cut off, a text must be a whole number, a blank text is null. */
export function bindLong(value: JsonValue | undefined, place: Place): number | RawNumber | null {
  return bindScalar(value, place, LONG)
}

/** A Float, as the shortest decimal of the same float; a blank text is null. */
export function bindFloat(value: JsonValue | undefined, place: Place): number | null {
  return bindScalar(value, place, FLOAT)
}

const STRING: ScalarType<string> = {
  className: 'java.lang.String',
  bind: (value) => (typeof value === 'object' ? javaNumberText(value.number) : String(value)),
}

const INTEGER: ScalarType<number> = {
  className: 'java.lang.Integer',
  bind(value, path) {
    if (typeof value === 'boolean') throw wrongShape(INTEGER.className, 'Boolean', booleanToken(value))
    if (typeof value === 'object') return truncated(value.number)
    const text = asciiDigits(trim(value))
    if (text === '' || text === 'null') return null
    const number = /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(number >= MIN_INT && number <= MAX_INT)) throw invalidFormat(path, 'Integer')
    return number + 0
  },
}

const LONG: ScalarType<number | RawNumber> = {
  className: 'java.lang.Long',
  bind(value, path) {
    if (typeof value === 'boolean') throw wrongShape(LONG.className, 'Boolean', booleanToken(value))
    if (typeof value === 'object') return wholeLong(value.number)
    const text = trim(value)
    if (text === '' || text === 'null') return null
    const number = /^[-+]?\d{1,25}$/.test(text) ? BigInt(text.replace('+', '')) : null
    if (number === null || number < MIN_LONG || number > MAX_LONG) throw invalidFormat(path, 'Long')
    return numberFromText(String(number))
  },
}

const FLOAT: ScalarType<number> = {
  className: 'java.lang.Float',
  bind(value, path) {
    if (typeof value === 'boolean') throw wrongShape(FLOAT.className, 'Boolean', booleanToken(value))
    if (typeof value === 'object') return floatValue(Number(value.number))
    const text = trim(value)
    if (text === '' || text === 'null') return null
    const word = FLOAT_WORDS[text]
    if (word !== undefined) return word
    if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) throw invalidFormat(path, 'Float')
    return floatValue(Number(text))
  },
}

/** Java accepts the decimal digits of every script; Unicode has them in runs of ten from zero to nine. */
function asciiDigits(text: string): string {
  return text.replaceAll(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0
    let zero = code
    while (/^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1
    return String((code - zero) % 10)
  })
}

function truncated(source: string): number {
  const number = Number(source)
  if (number < MIN_INT || number > MAX_INT) {
    throw mismatch(`Numeric value (${source}) out of range of int (${MIN_INT} - ${MAX_INT})`)
  }
  return Math.trunc(number) + 0
}

function wholeLong(source: string): number | RawNumber {
  const whole = /^-?\d+$/.test(source) ? BigInt(source) : null
  const number =
    whole ?? (Number.isFinite(Number(source)) ? BigInt(Math.trunc(Number(source))) : MAX_LONG + 1n)
  if (number < MIN_LONG || number > MAX_LONG) {
    throw mismatch(
      `Numeric value (${javaNumberText(source)}) out of range of long (${MIN_LONG} - ${MAX_LONG})`,
    )
  }
  return numberFromText(String(number))
}

function bindScalar<Bound>(
  value: JsonValue | undefined,
  place: Place,
  type: ScalarType<Bound>,
): Bound | null {
  if (!Array.isArray(value)) return bindOne(value, place, type)
  const [first] = value
  if (value.length === 0) throw wrongShape(type.className, 'Array', 'START_ARRAY')
  if (Array.isArray(first)) {
    throw mismatch(
      `Cannot deserialize instance of \`${type.className}\` out of START_ARRAY token: nested Arrays not allowed with DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS`,
    )
  }
  const bound = bindOne(first, place, type)
  if (value.length > 1) throw severalValues(type.className, place.token)
  return bound
}

function bindOne<Bound>(value: JsonValue | undefined, place: Place, type: ScalarType<Bound>): Bound | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || typeof value === 'boolean') return type.bind(value, place.path)
  const number = numberText(value)
  if (number !== null) return type.bind({ number }, place.path)
  throw wrongShape(type.className, 'Object', 'START_OBJECT')
}

function booleanToken(value: boolean): string {
  return value ? 'VALUE_TRUE' : 'VALUE_FALSE'
}
