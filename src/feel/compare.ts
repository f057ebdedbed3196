// Equality and order of values. Pure.
import { Duration, LocalDate, LocalDateTime, LocalTime, Period, ZonedDateTime } from '@js-joda/core'
import { BigDecimal } from 'bigdecimal.js'
import {
  EngineError,
  FeelContext,
  FeelFunction,
  FeelRange,
  isList,
  kindOf,
  type Value,
  ZonedTime,
} from './value.ts'
import { valueText } from './value-text.ts'

/** FEEL's `=`: null for values of two different types. */
export function equality(x: Value, y: Value): boolean | null {
  if (x === null || y === null) return x === y
  if (kindOf(x) !== kindOf(y)) return null
  if (x instanceof FeelRange || x instanceof FeelFunction) return null
  return equal(x, y, areEqual)
}

export function areEqual(x: Value, y: Value): boolean {
  return equality(x, y) === true
}

/** Equality of Scala's case classes, as `list contains` and `in` use it. */
export function areSame(x: Value, y: Value): boolean {
  if (x === null || y === null) return x === y
  if (x instanceof FeelContext && y instanceof FeelContext && (x.literal || y.literal)) return x === y
  if (kindOf(x) !== kindOf(y)) return false
  if (x instanceof FeelRange && y instanceof FeelRange) {
    return (['start', 'end'] as const).every(
      (end) => x[end].closed === y[end].closed && areSame(x[end].value, y[end].value),
    )
  }
  return equal(x, y, areSame)
}

/** @param inside - compares items and entries. Both values are of the same kind. */
function equal(x: Value, y: Value, inside: (x: Value, y: Value) => boolean): boolean {
  if (x instanceof BigDecimal && y instanceof BigDecimal) return x.sameValue(y)
  if (isList(x) && isList(y)) {
    return x.length === y.length && x.every((item, index) => inside(item, y[index] ?? null))
  }
  if (x instanceof FeelContext && y instanceof FeelContext) {
    return (
      x.variables.size === y.variables.size &&
      [...x.variables].every(
        ([key, item]) => y.variables.has(key) && inside(item, y.variables.get(key) ?? null),
      )
    )
  }
  if (x instanceof ZonedTime && y instanceof ZonedTime) {
    return x.time.equals(y.time) && x.offset.equals(y.offset) && String(x.zone) === String(y.zone)
  }
  if (typeof x === 'object' && x !== null && 'equals' in x) return x.equals(y)
  return x === y
}

/** Whether values of this kind have an order. A list counts as ordered if its items are of one kind that is. */
export function isComparable(value: Value): boolean {
  if (isList(value)) {
    const [head] = value
    return head !== undefined && isComparable(head) && value.every((item) => kindOf(item) === kindOf(head))
  }
  return typeof value === 'string' || isPoint(value)
}

/** Whether a range can have this value as an end. */
export function isPoint(value: Value): boolean {
  return !['null', 'boolean', 'string', 'list', 'context', 'range', 'function'].includes(kindOf(value))
}

/**
 * Negative, zero or positive, for two values of the same kind.
 * @throws EngineError for lists: feel-scala accepts them as comparable and then fails to compare them.
 */
export function order(x: Value, y: Value): number {
  if (x instanceof BigDecimal && y instanceof BigDecimal) return x.compareTo(y)
  if (typeof x === 'string' && typeof y === 'string') return x < y ? -1 : Number(x > y)
  if (x instanceof ZonedTime && y instanceof ZonedTime) return x.nanos() - y.nanos()
  if (x instanceof Period && y instanceof Period) return x.toTotalMonths() - y.toTotalMonths()
  if (x instanceof LocalDate && y instanceof LocalDate) return x.compareTo(y)
  if (x instanceof LocalTime && y instanceof LocalTime) return x.compareTo(y)
  if (x instanceof LocalDateTime && y instanceof LocalDateTime) return x.compareTo(y)
  if (x instanceof ZonedDateTime && y instanceof ZonedDateTime) return x.compareTo(y)
  if (x instanceof Duration && y instanceof Duration) return x.compareTo(y)
  throw new EngineError(
    `java.lang.IllegalArgumentException: ${valueText(x)} can not be compared to ${valueText(y)}`,
  )
}
