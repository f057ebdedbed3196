// `value.key`: an entry of a context or of each context of a list, a part of a date or time. Pure.
import { Duration, LocalDate, LocalDateTime, LocalTime, Period, ZonedDateTime } from '@js-joda/core'
import { decimal } from './decimal.ts'
import { hasRegion } from './temporal-text.ts'
import { FeelContext, isList, type Value, ZonedTime } from './value.ts'

/** Null if the value has no such entry or part. */
export function property(value: Value, key: string): Value {
  if (value instanceof FeelContext) return value.get(key) ?? null
  if (isList(value)) return value.map((item) => property(item, key))
  const parts = partsOf(value)
  return Object.hasOwn(parts, key) ? (parts[key] ?? null) : null
}

type Parts = Readonly<Record<string, Value>>

function partsOf(value: Value): Parts {
  if (value instanceof LocalDate) return dateParts(value)
  if (value instanceof LocalTime) return timeParts(value)
  if (value instanceof ZonedTime) {
    const { time, offset, zone } = value
    return { ...timeParts(time), ...offsetParts(offset.totalSeconds(), zone?.id() ?? null) }
  }
  if (value instanceof LocalDateTime) {
    return { ...dateParts(value.toLocalDate()), ...timeParts(value.toLocalTime()) }
  }
  if (value instanceof ZonedDateTime) {
    const zone = hasRegion(value) ? value.zone().id() : null
    return {
      ...dateParts(value.toLocalDate()),
      ...timeParts(value.toLocalTime()),
      ...offsetParts(value.offset().totalSeconds(), zone),
    }
  }
  if (value instanceof Period) return { years: decimal(value.years()), months: decimal(value.months()) }
  return value instanceof Duration ? durationParts(value) : {}
}

function dateParts(date: LocalDate): Parts {
  return {
    year: decimal(date.year()),
    month: decimal(date.monthValue()),
    day: decimal(date.dayOfMonth()),
    weekday: decimal(date.dayOfWeek().value()),
  }
}

function timeParts(time: LocalTime): Parts {
  return {
    hour: decimal(time.hour()),
    minute: decimal(time.minute()),
    second: decimal(time.second()),
    'time offset': null,
    timezone: null,
  }
}

function offsetParts(seconds: number, zone: string | null): Parts {
  return { 'time offset': Duration.ofSeconds(seconds), timezone: zone }
}

function durationParts(duration: Duration): Parts {
  const seconds = duration.seconds()
  const part = (unit: number, modulo: number) => decimal(Math.trunc(seconds / unit) % modulo)
  return {
    days: decimal(Math.trunc(seconds / 86_400)),
    hours: part(3600, 24),
    minutes: part(60, 60),
    seconds: part(1, 60),
  }
}
