// FEEL's conversions between types.
import {
  Duration,
  LocalDate,
  LocalDateTime,
  LocalTime,
  Period,
  ZonedDateTime,
  ZoneId,
  ZoneOffset,
} from '@js-joda/core'
import { BigDecimal } from 'bigdecimal.js'
import { decimal, ONE, remainder, toInt } from '../decimal.ts'
import { fromJsonText, toJsonText } from '../json-text.ts'
import { hasRegion, parseDate, parseDateTime, parseFeelDuration, parseTime } from '../temporal-text.ts'
import { EngineError, Failure, type Result, type Value, ZonedTime } from '../value.ts'
import { valueText } from '../value-text.ts'
import { type Builtins, builtin } from './builtin.ts'

type Given = Value | undefined

export const conversionFunctions: Builtins = {
  date: [
    builtin(['from'], (from) => (typeof from === 'string' ? orFailure(parseDate(from), from) : dayOf(from))),
    builtin(['year', 'month', 'day'], (...parts) => {
      const [year, month, day] = integers(parts)
      if (year === undefined || month === undefined || day === undefined) return undefined
      return attempt(() => LocalDate.of(year, month, day))
    }),
  ],
  'date and time': [
    builtin(['from'], (from) =>
      typeof from === 'string' ? orFailure(parseDateTime(from), from) : undefined,
    ),
    builtin(['date', 'time'], (date, time) =>
      typeof time === 'string' ? inZone(date, time) : atTime(date, time),
    ),
  ],
  time: [
    builtin(['from'], timeOf),
    builtin(['hour', 'minute', 'second'], (hour, minute, second) => timeFrom([hour, minute, second])),
    builtin(['hour', 'minute', 'second', 'offset'], (hour, minute, second, offset) => {
      if (offset !== null && !(offset instanceof Duration)) return undefined
      // Without an offset the engine drops the fraction of a second.
      const exact = offset === null && second instanceof BigDecimal ? decimal(toInt(second)) : second
      const time = timeFrom([hour, minute, exact])
      if (offset === null || !(time instanceof LocalTime)) return time
      return attempt(() => new ZonedTime(time, ZoneOffset.ofTotalSeconds(offset.seconds()), null))
    }),
  ],
  number: [
    builtin(['from'], (from) => (typeof from === 'string' ? numberFrom(from) : undefined)),
    builtin(['from', 'grouping separator'], (from, grouping) => grouped(from, grouping)),
    builtin(['from', 'grouping separator', 'decimal separator'], (from, grouping, point) =>
      point === null ? grouped(from, grouping) : pointed(from, grouping, point),
    ),
  ],
  string: [
    builtin(['from'], (from = null) => (from === null || typeof from === 'string' ? from : valueText(from))),
  ],
  duration: [
    builtin(['from'], (from) =>
      typeof from === 'string' ? orFailure(parseFeelDuration(from), from) : undefined,
    ),
  ],
  'years and months duration': [
    builtin(['from', 'to'], (from, to) => {
      const start = dayOf(from)
      const end = dayOf(to)
      if (start === undefined || end === undefined) return undefined
      return Period.between(start, end).withDays(0).normalized()
    }),
  ],
  'from json': [
    builtin(['json'], (json) => {
      if (json === null) return null
      return typeof json === 'string' ? fromJsonText(json) : undefined
    }),
  ],
  'to json': [builtin(['value'], (value = null) => toJsonText(value))],
}

function orFailure(value: Value, text: string): Result {
  return value ?? new Failure(`Failed to parse '${text}'`)
}

function attempt(make: () => Value): Result {
  try {
    return make()
  } catch (error) {
    return new Failure(error instanceof Error ? error.message : 'out of range')
  }
}

function dayOf(value: Given): LocalDate | undefined {
  if (value instanceof LocalDate) return value
  return value instanceof LocalDateTime || value instanceof ZonedDateTime ? value.toLocalDate() : undefined
}

function integers(values: readonly Given[]): readonly number[] {
  return values.every((value) => value instanceof BigDecimal) ? values.map(toInt) : []
}

function atTime(date: Given, time: Given): Result | undefined {
  const day = dayOf(date)
  if (day === undefined) return undefined
  if (time instanceof LocalTime) return day.atTime(time)
  if (!(time instanceof ZonedTime)) return undefined
  return day.atTime(time.time).atZone(time.zone ?? time.offset)
}

/** @throws EngineError for an unknown zone. */
function inZone(date: Given, zone: string): Result | undefined {
  if (date instanceof LocalDateTime) return date.atZone(zoneOf(zone))
  return date instanceof ZonedDateTime ? date.withZoneSameInstant(zoneOf(zone)) : undefined
}

function zoneOf(id: string): ZoneId {
  try {
    return ZoneId.of(id)
  } catch {
    throw new EngineError(`java.time.zone.ZoneRulesException: Unknown time-zone ID: ${id}`)
  }
}

function timeOf(from: Given): Result | undefined {
  if (typeof from === 'string') return orFailure(parseTime(from), from)
  if (from instanceof LocalDateTime) return from.toLocalTime()
  if (from instanceof ZonedDateTime) {
    return new ZonedTime(from.toLocalTime(), from.offset(), hasRegion(from) ? from.zone() : null)
  }
  return from instanceof LocalDate ? new ZonedTime(LocalTime.MIDNIGHT, ZoneOffset.UTC, null) : undefined
}

function timeFrom(parts: readonly Given[]): Result | undefined {
  const [hour, minute, second] = integers(parts)
  const exact = parts[2]
  if (hour === undefined || minute === undefined || second === undefined) return undefined
  if (!(exact instanceof BigDecimal)) return undefined
  const nanos = toInt(remainder(exact, ONE).movePointRight(9))
  return attempt(() => LocalTime.of(hour, minute, second, nanos))
}

function numberFrom(text: string): Result {
  try {
    return decimal(text)
  } catch {
    return new Failure(`Can't parse '${text}' as a number`)
  }
}

function grouped(from: Given, grouping: Given): Result | undefined {
  if (typeof from !== 'string' || typeof grouping !== 'string') return undefined
  if (/^[ ,.]$/.test(grouping)) return numberFrom(from.replaceAll(grouping, ''))
  return new Failure("illegal argument for grouping. Must be one of ' ', ',' or '.'")
}

function pointed(from: Given, grouping: Given, point: Given): Result | undefined {
  if (typeof from !== 'string' || typeof point !== 'string') return undefined
  if (grouping !== null && typeof grouping !== 'string') return undefined
  const sound =
    /^[,.]$/.test(point) && (grouping === null || (/^[ ,.]$/.test(grouping) && grouping !== point))
  if (sound) return numberFrom(from.replaceAll(grouping ?? /$^/g, '').replaceAll(point, '.'))
  return grouping === null
    ? undefined
    : new Failure("illegal arguments for grouping or decimal. Must be one of ' ' (grouping only), ',' or '.'")
}
