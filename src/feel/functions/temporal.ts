// FEEL's functions on dates. `now` and `today` use the system's clock and time zone, as the engine does.
import { IsoFields, LocalDate, LocalDateTime, TemporalAdjusters, ZonedDateTime } from '@js-joda/core'
import { decimal } from '../decimal.ts'
import type { FeelFunction, Value } from '../value.ts'
import { type Builtins, builtin } from './builtin.ts'

export const temporalFunctions: Builtins = {
  now: [builtin([], () => ZonedDateTime.now())],
  today: [builtin([], () => LocalDate.now())],
  'day of year': [ofDate((date) => decimal(date.dayOfYear()))],
  'day of week': [ofDate((date) => capitalised(date.dayOfWeek().name()))],
  'month of year': [ofDate((date) => capitalised(date.month().name()))],
  'week of year': [ofDate((date) => decimal(date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR)))],
  'last day of month': [ofDate((date) => date.with(TemporalAdjusters.lastDayOfMonth()))],
}

function ofDate(body: (date: LocalDate) => Value): FeelFunction {
  return builtin(['date'], (value) => {
    if (value instanceof LocalDate) return body(value)
    const isMoment = value instanceof LocalDateTime || value instanceof ZonedDateTime
    return isMoment ? body(value.toLocalDate()) : undefined
  })
}

function capitalised(name: string): string {
  return name.charAt(0) + name.slice(1).toLowerCase()
}
