// Numbers: Scala's BigDecimal, which is Java's with 34 significant digits for each operation. Pure.
import { Big, type BigDecimal, MathContext, RoundingMode } from 'bigdecimal.js'
import { doubleText } from '../job/java-double.ts'
import { EngineError } from './value.ts'

const CONTEXT = MathContext.DECIMAL128
const LONG = 2n ** 63n
// Java throws an ArithmeticException for a larger whole exponent.
const LARGEST_EXPONENT = 999_999_999n

export const ZERO = Big(0)
export const ONE = Big(1)

/** @throws Error when the text is no number. */
export function decimal(text: string | number): BigDecimal {
  return Big(text)
}

/** A double, converted by its decimal text as the engine does; null for NaN and infinity. */
export function fromDouble(value: number): BigDecimal | null {
  return Number.isFinite(value) ? Big(doubleText(value)) : null
}

/** @throws EngineError for NaN and infinity, which the engine does not check for here. */
export function fromComputed(value: number): BigDecimal {
  const number = fromDouble(value)
  if (number !== null) return number
  const text = Number.isNaN(value) ? 'N' : 'I'
  throw new EngineError(
    `java.lang.NumberFormatException: Character ${text} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`,
  )
}

export function plus(x: BigDecimal, y: BigDecimal): BigDecimal {
  return x.add(y, CONTEXT)
}

export function minus(x: BigDecimal, y: BigDecimal): BigDecimal {
  return x.subtract(y, CONTEXT)
}

export function times(x: BigDecimal, y: BigDecimal): BigDecimal {
  return x.multiply(y, CONTEXT)
}

/** @throws EngineError when `y` is zero. */
export function over(x: BigDecimal, y: BigDecimal): BigDecimal {
  refuseZero(y, x)
  return x.divideWithMathContext(y, CONTEXT)
}

/** @throws EngineError when `y` is zero. */
export function remainder(x: BigDecimal, y: BigDecimal): BigDecimal {
  refuseZero(y, x)
  return x.remainder(y, CONTEXT)
}

export function negated(x: BigDecimal): BigDecimal {
  return x.negate(CONTEXT)
}

/** @throws EngineError where Java's `pow` throws. */
export function power(x: BigDecimal, y: BigDecimal): BigDecimal {
  if (!isWhole(y)) return fromComputed(x.numberValue() ** y.numberValue())
  const exponent = toInt(y)
  if (exponent > LARGEST_EXPONENT || exponent < -LARGEST_EXPONENT) {
    throw new EngineError('java.lang.ArithmeticException: Invalid operation')
  }
  if (exponent < 0) refuseZero(x)
  return x.pow(exponent, CONTEXT)
}

function refuseZero(divisor: BigDecimal, dividend = ONE): void {
  if (divisor.signum() !== 0) return
  const reason = dividend.signum() === 0 ? 'Division undefined' : 'Division by zero'
  throw new EngineError(`java.lang.ArithmeticException: ${reason}`)
}

export function isWhole(x: BigDecimal): boolean {
  return x.scale() <= 0 || x.stripTrailingZeros().scale() <= 0
}

/** Whether a Java `long` holds it exactly. */
export function isLong(x: BigDecimal): boolean {
  // Checked by its digits first: writing out 1E+999999999 would take a billion of them.
  if (x.precision() - x.scale() > 19 || !isWhole(x)) return false
  const whole = x.toBigInt()
  return whole >= -LONG && whole < LONG
}

/** Java's `intValue`: the lower 32 bits of the whole part. */
export function toInt(x: BigDecimal): number {
  return x.precision() - x.scale() > 40 ? 0 : Number(BigInt.asIntN(32, x.toBigInt()))
}

const ROUNDING: Readonly<Record<string, RoundingMode>> = {
  UP: RoundingMode.UP,
  DOWN: RoundingMode.DOWN,
  CEILING: RoundingMode.CEILING,
  FLOOR: RoundingMode.FLOOR,
  HALF_UP: RoundingMode.HALF_UP,
  HALF_DOWN: RoundingMode.HALF_DOWN,
  HALF_EVEN: RoundingMode.HALF_EVEN,
  UNNECESSARY: RoundingMode.UNNECESSARY,
}

/** @param name - in capitals. @returns undefined for an unknown name. */
export function roundingMode(name: string): RoundingMode | undefined {
  return Object.hasOwn(ROUNDING, name) ? ROUNDING[name] : undefined
}

/** `x` with so many digits after the point. @throws Error when digits would be lost in mode UNNECESSARY. */
export function scaled(x: BigDecimal, scale: BigDecimal, mode: string): BigDecimal {
  return x.setScale(toInt(scale), roundingMode(mode) ?? RoundingMode.UNNECESSARY)
}
