// The operators + - * / on numbers, strings, dates, times and durations. Pure.
import { Duration, LocalDate, LocalDateTime, LocalTime, Period, ZonedDateTime } from '@js-joda/core'
import { BigDecimal } from 'bigdecimal.js'
import { decimal, minus, over, plus, times, toInt } from './decimal.ts'
import { Failure, type Result, type Value, ZonedTime } from './value.ts'
import { valueText } from './value-text.ts'

type Amount = Period | Duration

export function add(x: Value, y: Value): Result {
  if (x instanceof BigDecimal && y instanceof BigDecimal) return plus(x, y)
  if (typeof x === 'string' && typeof y === 'string') return x + y
  if (x instanceof Period && y instanceof Period) return x.plus(y).normalized()
  if (x instanceof Duration && y instanceof Duration) return x.plus(y)
  const sum = isAmount(y) ? shifted(x, y, 1) : isAmount(x) ? shifted(y, x, 1) : null
  return sum ?? new Failure(() => `Can't add '${valueText(y)}' to '${valueText(x)}'`)
}

export function subtract(x: Value, y: Value): Result {
  if (x instanceof BigDecimal && y instanceof BigDecimal) return minus(x, y)
  if (x instanceof Period && y instanceof Period) return x.minus(y).normalized()
  if (x instanceof Duration && y instanceof Duration) return x.minus(y)
  return (
    (isAmount(y) ? shifted(x, y, -1) : between(y, x)) ??
    new Failure(() => `Can't subtract '${valueText(y)}' from '${valueText(x)}'`)
  )
}

export function multiply(x: Value, y: Value): Result {
  if (x instanceof BigDecimal && y instanceof BigDecimal) return times(x, y)
  const [amount, factor] = isAmount(y) ? [y, x] : [x, y]
  if (factor instanceof BigDecimal) {
    if (amount instanceof Period) return amount.multipliedBy(toInt(factor)).normalized()
    if (amount instanceof Duration) return amount.multipliedBy(toInt(factor))
  }
  return new Failure(() => `Can't multiply '${valueText(x)}' by '${valueText(y)}'`)
}

export function divide(x: Value, y: Value): Result {
  if (y instanceof BigDecimal && y.signum() !== 0) {
    if (x instanceof BigDecimal) return over(x, y)
    if (x instanceof Period) {
      return Period.ofMonths(toInt(over(decimal(x.toTotalMonths()), y))).normalized()
    }
    if (x instanceof Duration) return Duration.ofMillis(toInt(over(decimal(x.toMillis()), y)))
  }
  if (x instanceof Period && y instanceof Period && !y.isZero()) {
    return decimal(Math.trunc(x.toTotalMonths() / y.toTotalMonths()))
  }
  if (x instanceof Duration && y instanceof Duration && !y.isZero()) {
    return decimal(Math.trunc(x.toMillis() / y.toMillis()))
  }
  return new Failure(() => `Can't divide '${valueText(x)}' by '${valueText(y)}'`)
}

function isAmount(value: Value): value is Amount {
  return value instanceof Period || value instanceof Duration
}

function shifted(point: Value, amount: Amount, sign: 1 | -1): Value | null {
  const shift = sign === 1 ? amount : amount.negated()
  if (point instanceof LocalDate) {
    return shift instanceof Period ? point.plus(shift) : point.atStartOfDay().plus(shift).toLocalDate()
  }
  if (point instanceof LocalDateTime || point instanceof ZonedDateTime) return point.plus(shift)
  if (shift instanceof Period) return null
  if (point instanceof LocalTime) return point.plus(shift)
  return point instanceof ZonedTime ? new ZonedTime(point.time.plus(shift), point.offset, point.zone) : null
}

function between(from: Value, to: Value): Duration | null {
  if (from instanceof LocalDate && to instanceof LocalDate) {
    return Duration.between(from.atStartOfDay(), to.atStartOfDay())
  }
  if (from instanceof LocalTime && to instanceof LocalTime) return Duration.between(from, to)
  if (from instanceof LocalDateTime && to instanceof LocalDateTime) return Duration.between(from, to)
  if (from instanceof ZonedDateTime && to instanceof ZonedDateTime) return Duration.between(from, to)
  if (from instanceof ZonedTime && to instanceof ZonedTime) {
    return Duration.ofNanos(Math.abs(to.nanos() - from.nanos()))
  }
  return null
}
