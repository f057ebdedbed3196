// Binds JSON to a Java object or a list of them by Jackson's rules: a list of one is unwrapped, a single value becomes a list where a list is
// wanted, unknown properties are ignored. Throws only BindingError.
import { isJsonObject, type JsonObject, type JsonValue, numberText } from '../job/json.ts'
import { type BindingPath, invalidFormat, mismatch, severalValues, wrongShape } from './binding-error.ts'
import { javaNumberText } from './java-number.ts'
import { trim } from './java-text.ts'

/** A Java class to bind to. */
export interface BeanType {
  /** Full Java name, as Jackson's messages give it. */
  readonly className: string
  /** What `Class.getSimpleName` gives. */
  readonly simpleName: string
  /** For classes that can be given as a text: the object that the text means. */
  readonly fromString?: (text: string) => JsonObject
}

/** Where an object is in the job. */
interface BeanPlace {
  readonly path: BindingPath
  /** Jackson's current token when it reads the object from a buffer; absent when it reads the job itself. */
  readonly token?: string
}

const MAX_LONG = 2n ** 63n - 1n

/**
 * What `read` makes of the object's properties; null for JSON null. An error of `read` takes precedence over the error for a list of
 * several.
 */
export function bindBean<Bound>(
  value: JsonValue | undefined,
  { type, place, read }: { type: BeanType; place: BeanPlace; read: (properties: JsonObject) => Bound },
): Bound | null {
  if (value === null || value === undefined) return null
  if (!Array.isArray(value)) return read(single(value, type, place))
  const bound = read(single(unwrap(value, type), type, place))
  const second = value[1]
  if (second !== undefined) throw severalValues(type.className, place.token ?? tokenOf(second))
  return bound
}

/** The values of a list; null for JSON null. */
export function bindList(value: JsonValue | undefined): readonly JsonValue[] | null {
  if (value === null || value === undefined) return null
  return Array.isArray(value) ? value : [value]
}

function unwrap([first]: readonly JsonValue[], type: BeanType): JsonValue {
  if (first === undefined) throw wrongShape(type.className, 'Array', 'START_ARRAY')
  if (first === null) throw wrongShape(type.className, 'Null', 'VALUE_NULL')
  if (Array.isArray(first)) {
    throw mismatch(
      `Cannot deserialize value of type \`${type.className}\` from deeply-nested Array: only single wrapper allowed with \`DeserializationFeature.UNWRAP_SINGLE_VALUE_ARRAYS\``,
    )
  }
  return first
}

function single(value: JsonValue, type: BeanType, place: BeanPlace): JsonObject {
  if (isJsonObject(value)) return value
  if (typeof value === 'string') {
    if (type.fromString !== undefined) return type.fromString(value)
    const text = trim(value)
    if (text === '') throw invalidFormat(place.path, type.simpleName)
    throw noCreator(type, 'String', `String value ('${text}')`)
  }
  if (typeof value === 'boolean') throw noCreator(type, 'boolean/Boolean', `boolean value (${value})`)
  const number = numberText(value) ?? ''
  const shown = place.token === undefined ? javaNumberText(number) : number
  throw noCreator(type, numberCreator(number, place), `Number value (${shown})`)
}

function noCreator(type: BeanType, creator: string, from: string): Error {
  return mismatch(
    `Cannot construct instance of \`${type.className}\` (although at least one Creator exists): no ${creator}-argument constructor/factory method to deserialize from ${from}`,
  )
}

function numberCreator(source: string, place: BeanPlace): string {
  if (!/^-?\d+$/.test(source)) return place.token === undefined ? 'double/Double' : 'BigDecimal/double/Double'
  const number = Number(source)
  if (number >= -2_147_483_648 && number <= 2_147_483_647) return 'int/Int'
  const exact = BigInt(source)
  return exact >= -MAX_LONG - 1n && exact <= MAX_LONG ? 'long/Long' : 'BigInteger'
}

/** Jackson's name for the first token of a value. */
export function tokenOf(value: JsonValue): string {
  if (value === null) return 'VALUE_NULL'
  if (typeof value === 'string') return 'VALUE_STRING'
  if (typeof value === 'boolean') return value ? 'VALUE_TRUE' : 'VALUE_FALSE'
  if (Array.isArray(value)) return 'START_ARRAY'
  const number = numberText(value)
  if (number === null) return 'START_OBJECT'
  return /^-?\d+$/.test(number) ? 'VALUE_NUMBER_INT' : 'VALUE_NUMBER_FLOAT'
}
