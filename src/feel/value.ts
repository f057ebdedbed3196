// The values of FEEL as feel-scala holds them. Decimals keep their scale (1.50 is not 1.5 to `string`), and dates,
// times and durations are those of java.time. Immutable.
import {
  type Duration,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Period,
  ZonedDateTime,
  type ZoneId,
  type ZoneOffset,
} from '@js-joda/core'
import { BigDecimal } from 'bigdecimal.js'
import { inScalaOrder } from './map-order.ts'

export type Value =
  | null
  | boolean
  | string
  | BigDecimal
  | Temporal
  | readonly Value[]
  | FeelContext
  | FeelRange
  | FeelFunction

export type Temporal = LocalDate | LocalTime | ZonedTime | LocalDateTime | ZonedDateTime | Period | Duration

/** A value, or why there is none. Most operators turn a failure into null; lists, contexts and the root do not. */
export type Result = Value | Failure

/** Why there is no value. A fatal one (`?` where there is no input) is not turned into null. */
export class Failure {
  readonly fatal: boolean
  readonly #message: string | (() => string)

  /** @param message - a function if it shows values: most failures become null, and their message is never needed. */
  constructor(message: string | (() => string), fatal = false) {
    this.#message = message
    this.fatal = fatal
  }

  get message(): string {
    return typeof this.#message === 'string' ? this.#message : this.#message()
  }
}

/** Thrown where the Java engine throws, and ends the evaluation; the message names Java's exception. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
}

export type Variables = ReadonlyMap<string, Value>
export type Functions = ReadonlyMap<string, readonly FeelFunction[]>

const NO_FUNCTIONS: Functions = new Map()

/** A context. Its functions can be called, and are not among its entries. */
export class FeelContext {
  readonly functions: Functions
  /** Written as `{…}` in the expression: `list contains` finds it equal only to itself. */
  readonly literal: boolean
  readonly #entries: Variables
  #ordered: Variables | null = null

  constructor(entries: Variables, functions: Functions = NO_FUNCTIONS, literal = false) {
    this.#entries = entries
    this.functions = functions
    this.literal = literal
  }

  /** One entry; cheaper than {@link variables}. */
  get(key: string): Value | undefined {
    return this.#entries.get(key)
  }

  /** All entries, in the order of the engine's maps. */
  get variables(): Variables {
    this.#ordered ??= inScalaOrder(this.#entries)
    return this.#ordered
  }
}

export interface Boundary {
  readonly value: Value
  readonly closed: boolean
}

export class FeelRange {
  readonly start: Boundary
  readonly end: Boundary

  constructor(start: Boundary, end: Boundary) {
    this.start = start
    this.end = end
  }
}

/** A function, of the engine or of the expression. */
export class FeelFunction {
  readonly parameters: readonly string[]
  readonly invoke: (values: readonly Value[]) => Result
  /** Takes any number of arguments; its last parameter is the list of the surplus ones. */
  readonly variadic: boolean

  constructor(parameters: readonly string[], invoke: (values: readonly Value[]) => Result, variadic = false) {
    this.parameters = parameters
    this.invoke = invoke
    this.variadic = variadic
  }
}

/** A time of day with an offset, and its zone if it has one. */
export class ZonedTime {
  readonly time: LocalTime
  readonly offset: ZoneOffset
  readonly zone: ZoneId | null

  constructor(time: LocalTime, offset: ZoneOffset, zone: ZoneId | null) {
    this.time = time
    this.offset = offset
    this.zone = zone
  }

  /** Nanoseconds since midnight in UTC. */
  nanos(): number {
    return this.time.toNanoOfDay() - this.offset.totalSeconds() * 1_000_000_000
  }
}

export type Kind =
  | 'null'
  | 'boolean'
  | 'string'
  | 'number'
  | 'date'
  | 'local time'
  | 'time'
  | 'local date and time'
  | 'date and time'
  | 'years and months duration'
  | 'days and time duration'
  | 'list'
  | 'context'
  | 'range'
  | 'function'

export function isList(value: Result): value is readonly Value[] {
  return Array.isArray(value)
}

/** The engine's own kinds: unlike {@link typeName}, they tell values with an offset from those without. */
export function kindOf(value: Value): Kind {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'boolean'
  if (typeof value === 'string') return 'string'
  if (value instanceof BigDecimal) return 'number'
  if (isList(value)) return 'list'
  if (value instanceof FeelContext) return 'context'
  if (value instanceof FeelRange) return 'range'
  if (value instanceof FeelFunction) return 'function'
  return temporalKind(value)
}

function temporalKind(value: Temporal): Kind {
  if (value instanceof LocalDate) return 'date'
  if (value instanceof LocalTime) return 'local time'
  if (value instanceof ZonedTime) return 'time'
  if (value instanceof LocalDateTime) return 'local date and time'
  if (value instanceof ZonedDateTime) return 'date and time'
  return value instanceof Period ? 'years and months duration' : 'days and time duration'
}

/** The name of a value's type, as `instance of` takes it. */
export function typeName(value: Value): string {
  return kindOf(value).replace(/^local /, '')
}
