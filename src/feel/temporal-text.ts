// Dates, times and durations to and from text, by the patterns of feel-scala (package.scala), which are narrower than
// ISO 8601. Pure; names of zones need @js-joda/timezone, which evaluate.ts loads.
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
import { type Temporal, ZonedTime } from './value.ts'

const DATE = /^(-?(?:[1-9]\d{0,4})?\d{4})-([01]\d)-([0-3]\d)$/
const LOCAL_TIME = /^T?(\d{2}):(\d{2})(?::(\d{2}))?(?:\.(\d{1,9}))?$/
const OFFSET_TIME = /^T?(\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)([+-]\d{2}:\d{2}|Z|@.*)$/
const LOCAL_DATE_TIME =
  /^(-?(?:[1-9]\d{0,4})?\d{4}-[01]\d-[0-3]\d)T([0-2]\d:[0-5]\d(?::[0-5]\d)?(?:\.\d{1,9})?)$/
const OFFSET_DATE_TIME =
  /^(-?(?:[1-9]\d{0,4})?\d{4}-[01]\d-[0-3]\d)T([0-2]\d:[0-5]\d(?::[0-5]\d)?(?:\.\d{1,9})?)(?:([+-][01]\d:[0-5]\d|Z)(?:\[(.+)\])?|@(.*))$/
const YEAR_MONTH = /^-?P-?(\d+Y)?-?(\d+M)?$/
const DAY_TIME = /^-?P(-?(\d+D)?(T-?(\d+H)?-?(\d+M)?-?(\d+(.\d*)?S)?)?)$/

/** Null if the text is no date, or a day that does not exist. */
export function parseDate(text: string): LocalDate | null {
  const [, year, month, day] = DATE.exec(text) ?? []
  if (year === undefined) return null
  return attempt(() => LocalDate.of(Number(year), Number(month), Number(day)))
}

export function parseTime(text: string): LocalTime | ZonedTime | null {
  const [, time = '', place] = OFFSET_TIME.exec(text) ?? []
  return place === undefined ? parseLocalTime(fromMidnight(text)) : parseZonedTime(fromMidnight(time), place)
}

/** A time may be 24:00; a date and time may not. */
function fromMidnight(text: string): string {
  return text.replace(/^(T?)24(?=(?::00){1,2}(?:\.0+)?$)/, '$100')
}

function parseLocalTime(text: string): LocalTime | null {
  const [, hour, minute, second = '0', fraction = ''] = LOCAL_TIME.exec(text) ?? []
  if (hour === undefined) return null
  const nanos = Number(fraction.padEnd(9, '0'))
  return attempt(() => LocalTime.of(Number(hour), Number(minute), Number(second), nanos))
}

function parseZonedTime(text: string, place: string): ZonedTime | null {
  return attempt(() => {
    const time = parseLocalTime(text)
    if (time === null) return null
    if (!place.startsWith('@')) return new ZonedTime(time, ZoneOffset.of(place), null)
    const zone = ZoneId.of(place.slice(1))
    return new ZonedTime(time, standardOffset(zone), zone)
  })
}

/** The zone's offset without daylight saving, this year: the smaller of two, as js-joda does not mark it. */
function standardOffset(zone: ZoneId): ZoneOffset {
  const year = LocalDate.now().year()
  const offsets = [1, 7].map((month) => zone.rules().offset(LocalDate.of(year, month, 1).atStartOfDay()))
  const [least] = offsets.toSorted((x, y) => x.totalSeconds() - y.totalSeconds())
  return least ?? ZoneOffset.UTC
}

export function parseDateTime(text: string): LocalDateTime | ZonedDateTime | null {
  const day = parseDate(text)
  if (day !== null) return day.atStartOfDay()
  const [, date, time] = LOCAL_DATE_TIME.exec(text) ?? []
  if (date !== undefined && time !== undefined) return atTime(date, time)
  const [, zonedDate, zonedTime, offset, region, zone] = OFFSET_DATE_TIME.exec(text) ?? []
  if (zonedDate === undefined || zonedTime === undefined) return null
  return attempt(() => {
    const local = atTime(zonedDate, zonedTime)
    if (local === null) return null
    if (offset === undefined) return ZonedDateTime.of(local, ZoneId.of(zone ?? ''))
    const fixed = ZoneOffset.of(offset)
    return ZonedDateTime.ofInstant(local.toInstant(fixed), region === undefined ? fixed : ZoneId.of(region))
  })
}

function atTime(date: string, time: string): LocalDateTime | null {
  const day = parseDate(date)
  const hour = parseLocalTime(time)
  return day === null || hour === null ? null : day.atTime(hour)
}

export function parseFeelDuration(text: string): Period | Duration | null {
  if (YEAR_MONTH.test(text)) return attempt(() => Period.parse(text).normalized())
  return DAY_TIME.test(text) ? attempt(() => Duration.parse(text)) : null
}

/** The value of `@"…"`. */
export function parseTemporal(text: string): Temporal | null {
  return (
    parseDate(text) ??
    (OFFSET_TIME.test(text) ? parseTime(text) : null) ??
    (OFFSET_DATE_TIME.test(text) || LOCAL_DATE_TIME.test(text) ? parseDateTime(text) : null) ??
    parseFeelDuration(text) ??
    parseTime(text)
  )
}

/** Null where java.time would throw. */
function attempt<T>(parse: () => T | null): T | null {
  try {
    return parse()
  } catch {
    return null
  }
}

/** `10:00:00`, with a fraction if it is not zero. */
export function timeText(time: LocalTime): string {
  const two = (part: number) => String(part).padStart(2, '0')
  const fraction = String(time.nano()).padStart(9, '0').replace(/0+$/, '')
  const second = fraction === '' ? two(time.second()) : `${two(time.second())}.${fraction}`
  return `${two(time.hour())}:${two(time.minute())}:${second}`
}

export function dateTimeText(value: LocalDateTime): string {
  return `${value.toLocalDate()}T${timeText(value.toLocalTime())}`
}

/** Whether a date and time has a region besides its offset. */
export function hasRegion(value: ZonedDateTime): boolean {
  return !value.zone().equals(value.offset())
}

/** The text that `string` gives; results are rendered differently (render.ts). */
export function temporalText(value: Temporal): string {
  if (value instanceof LocalDate) return value.toString()
  if (value instanceof LocalTime) return timeText(value)
  if (value instanceof ZonedTime) {
    return timeText(value.time) + (value.zone === null ? value.offset.id() : `@${value.zone.id()}`)
  }
  if (value instanceof LocalDateTime) return dateTimeText(value)
  if (value instanceof ZonedDateTime) {
    const place = hasRegion(value) ? `@${value.zone().id()}` : value.offset().id()
    return dateTimeText(value.toLocalDateTime()) + place
  }
  return value instanceof Period ? periodText(value) : durationText(value)
}

function periodText(value: Period): string {
  const months = value.toTotalMonths()
  return signed(
    [
      [Math.trunc(months / 12), 'Y'],
      [months % 12, 'M'],
    ],
    [],
    'P0Y',
  )
}

function durationText(value: Duration): string {
  const seconds = value.seconds()
  return signed(
    [[Math.trunc(seconds / 86_400), 'D']],
    [
      [Math.trunc(seconds / 3600) % 24, 'H'],
      [Math.trunc(seconds / 60) % 60, 'M'],
      [seconds % 60, 'S'],
    ],
    'P0D',
  )
}

type Part = readonly [amount: number, unit: string]

function signed(days: readonly Part[], times: readonly Part[], zero: string): string {
  const amounts = [...days, ...times].map(([amount]) => amount)
  if (amounts.every((amount) => amount === 0)) return zero
  const negative = amounts.every((amount) => amount <= 0)
  const write = (parts: readonly Part[]) =>
    parts
      .filter(([amount]) => amount !== 0)
      .map(([amount, unit]) => `${negative ? -amount : amount}${unit}`)
      .join('')
  const time = write(times)
  return `${negative ? '-' : ''}P${write(days)}${time === '' ? '' : `T${time}`}`
}
