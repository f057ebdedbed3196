// FEEL to JSON as the connector's runtime writes it: whole numbers that fit in a Java long exactly, all others as
// doubles; dates, times and durations in ISO 8601 by Jackson's rules. Pure.
import { LocalDateTime, LocalTime, ZonedDateTime } from '@js-joda/core'
import { BigDecimal } from 'bigdecimal.js'
import { doubleText } from '../job/java-double.ts'
import { type JsonValue, numberFromText } from '../job/json.ts'
import { isLong } from './decimal.ts'
import { dateTimeText, timeText } from './temporal-text.ts'
import { EngineError, FeelContext, FeelFunction, FeelRange, isList, type Value, ZonedTime } from './value.ts'
import { valueText } from './value-text.ts'

/** @throws EngineError for a range, which has no JSON. */
export function render(value: Value): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (value instanceof BigDecimal) return renderNumber(value)
  if (isList(value)) return value.map(render)
  if (value instanceof FeelContext) {
    return Object.fromEntries([...value.variables].map(([key, item]) => [key, render(item)]))
  }
  if (value instanceof FeelRange) {
    throw new EngineError(
      `java.lang.IllegalArgumentException: no value mapper found for '${valueText(value)}'`,
    )
  }
  if (value instanceof FeelFunction) return renderFunction(value)
  if (value instanceof LocalTime) return timeText(value)
  if (value instanceof ZonedTime) return `${value.time}${value.offset.id()}`
  if (value instanceof LocalDateTime) return dateTimeText(value)
  if (value instanceof ZonedDateTime) return dateTimeText(value.toLocalDateTime()) + value.offset().id()
  return value.toString()
}

function renderNumber(value: BigDecimal): JsonValue {
  if (isLong(value)) return numberFromText(String(value.toBigInt()))
  const double = value.numberValue()
  return Number.isFinite(double) ? numberFromText(doubleText(double)) : String(double)
}

/** The properties of the engine's Java object, as Jackson writes them. */
function renderFunction({ parameters, variadic }: FeelFunction): JsonValue {
  return {
    params: parameters,
    invoke: {},
    hasVarArgs: variadic,
    paramSet: [...new Set(parameters)],
    properties: {},
    comparable: false,
  }
}
