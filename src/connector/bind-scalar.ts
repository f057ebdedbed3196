// Binds JSON to Java's String, Integer and Float by Jackson's rules, with the features the connector runtime turns
// on: scalars are coerced, a list of one is unwrapped. Throws BindingError, nothing else.
import { isJsonObject, type JsonValue, numberText } from '../job/json.ts'
import { type BindingPath, invalidFormat, mismatch, severalValues, wrongShape } from './binding-error.ts'
import { refuseDocuments } from './document-reference.ts'
import { floatValue, javaNumberText } from './java-number.ts'
import { trim } from './java-text.ts'

/** Where a scalar stands. */
export interface Place {
  readonly path: BindingPath
  /** Jackson's current token while this is bound; it shows in one of its messages. */
  readonly token: string
}

interface ScalarType<Bound> {
  readonly className: string
  /** Binds what is neither null, list nor object. */
  readonly bind: (value: string | boolean | { readonly number: string }, path: BindingPath) => Bound | null
}

const MAX_INT = 2_147_483_647
const MIN_INT = -2_147_483_648
const FLOAT_WORDS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  INF: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  '-INF': Number.NEGATIVE_INFINITY,
}

/** A String: numbers and booleans become their text. */
export function bindString(value: JsonValue | undefined, place: Place): string | null {
  if (isJsonObject(value)) refuseDocuments(value, place.path)
  return bindScalar(value, place, STRING)
}

/** An Integer: a fraction is cut off, a text must be a whole number, a blank text is null. */
export function bindInteger(value: JsonValue | undefined, place: Place): number | null {
  return bindScalar(value, place, INTEGER)
}

/** A Float, given as the shortest decimal of the same float; a blank text is null. */
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
    const text = trim(value)
    if (text === '' || text === 'null') return null
    const number = /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(number >= MIN_INT && number <= MAX_INT)) throw invalidFormat(path, 'Integer')
    return number + 0
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

function truncated(source: string): number {
  const number = Number(source)
  if (number < MIN_INT || number > MAX_INT) {
    throw mismatch(`Numeric value (${source}) out of range of int (${MIN_INT} - ${MAX_INT})`)
  }
  return Math.trunc(number) + 0
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
