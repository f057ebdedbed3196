// FEEL's numeric functions. All but `random number` are pure.
import { Duration, Period } from '@js-joda/core'
import { BigDecimal } from 'bigdecimal.js'
import { fromComputed, fromDouble, isWhole, plus, remainder, roundingMode, scaled, ZERO } from '../decimal.ts'
import { Failure, type FeelFunction, type Result } from '../value.ts'
import { aliased, type Builtins, builtin } from './builtin.ts'

export const numericFunctions: Builtins = {
  decimal: [
    rounding('HALF_EVEN'),
    builtin(['n', 'scale', 'mode'], (n, scale, mode) => {
      if (!(n instanceof BigDecimal && scale instanceof BigDecimal && typeof mode === 'string'))
        return undefined
      const name = mode.toUpperCase()
      if (roundingMode(name) !== undefined) return rounded(n, scale, name)
      return new Failure(`Illegal argument '${mode}' for rounding mode.`)
    }),
  ],
  floor: [whole('FLOOR'), rounding('FLOOR', 'scala')],
  ceiling: [whole('CEILING'), rounding('CEILING')],
  'round up': [rounding('UP')],
  'round down': [rounding('DOWN')],
  'round half up': [rounding('HALF_UP')],
  'round half down': [rounding('HALF_DOWN', 'scala')],
  abs: aliased([['number'], ['n']], (n) => {
    if (n instanceof BigDecimal) return n.abs()
    if (n instanceof Period) return n.isNegative() ? n.negated() : n
    return n instanceof Duration ? n.abs() : undefined
  }),
  modulo: [
    builtin(['dividend', 'divisor'], (dividend, divisor) =>
      dividend instanceof BigDecimal && divisor instanceof BigDecimal
        ? remainder(plus(remainder(dividend, divisor), divisor), divisor)
        : undefined,
    ),
  ],
  sqrt: [
    builtin(['number'], (n) => {
      if (!(n instanceof BigDecimal)) return undefined
      return n.signum() < 0 ? null : fromComputed(Math.sqrt(n.numberValue()))
    }),
  ],
  log: [ofDouble(Math.log)],
  exp: [ofDouble(Math.exp)],
  odd: [parity(1)],
  even: [parity(0)],
  'random number': [builtin([], () => fromDouble(Math.random()))],
}

function rounding(mode: string, scaleName = 'scale'): FeelFunction {
  return builtin(['n', scaleName], (n, scale) =>
    n instanceof BigDecimal && scale instanceof BigDecimal ? rounded(n, scale, mode) : undefined,
  )
}

function whole(mode: string): FeelFunction {
  return builtin(['n'], (n) => (n instanceof BigDecimal ? rounded(n, ZERO, mode) : undefined))
}

function rounded(n: BigDecimal, scale: BigDecimal, mode: string): Result {
  try {
    return scaled(n, scale, mode)
  } catch (error) {
    return new Failure(
      `Failed to apply rounding mode '${mode}': ${error instanceof Error ? error.message : ''}`,
    )
  }
}

function ofDouble(compute: (n: number) => number): FeelFunction {
  return builtin(['number'], (n) =>
    n instanceof BigDecimal ? fromComputed(compute(n.numberValue())) : undefined,
  )
}

function parity(rest: number): FeelFunction {
  return builtin(['number'], (n) =>
    n instanceof BigDecimal ? isWhole(n) && Math.abs(Number(n.toBigInt() % 2n)) === rest : undefined,
  )
}
