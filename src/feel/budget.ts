// Counts the work of one evaluation in the worker's process, and ends it before it can block the event loop. Every step of
// the interpreter, and every value that an operator or a function walks, is charged here before the work is done.
import { BigDecimal } from 'bigdecimal.js'
import { costOf } from './call-costs.ts'
import { FeelContext, isList, type Value } from './value.ts'

/** Thrown when the budget is used up. The evaluation then has no result, not even a failure: a child evaluates it anew. */
export class BudgetExceeded extends Error {
  override readonly name = 'BudgetExceeded'
}

/** Characters that cost as much as one step. */
export const TEXT_UNIT = 64
/** Deeper values are for a child: recursion over them must not depend on how much stack is left. */
const DEEPEST = 40
/** Digits before and after the point; 1E+999999999 is short, and a billion digits once it is rounded. */
const MOST_DIGITS = 400

export class Budget {
  #left: number
  /** Sizes of lists and contexts, which share parts: `{a: [x, x], b: [a, a]}` doubles at each entry. */
  readonly #sizes = new WeakMap<object, number>()

  /** @param units - steps; about 0.1 µs each, an operation on numbers takes several. */
  constructor(units: number) {
    this.#left = units
  }

  /** @throws BudgetExceeded */
  spend(units: number): void {
    // Written so that NaN is too much, too.
    if (!(units <= this.#left)) throw new BudgetExceeded()
    this.#left -= units
  }

  /** Spends what a function may take for these values. */
  call(name: string, values: readonly Value[]): void {
    for (const value of values) this.number(value)
    this.spend(costOf(name, values, this))
  }

  /** Spends what an operator takes that looks at all of both values, or writes both into a text. */
  both(x: Value, y: Value): void {
    this.spend(this.size(x) + this.size(y))
  }

  /** Spends what a comparison takes: it ends at once where one value is a scalar. */
  compare(x: Value, y: Value): void {
    if (isScalar(x) || isScalar(y)) this.spend(1)
    else this.both(x, y)
  }

  /** Spends one unit for each item of a list, and of the lists in it. */
  items(list: readonly Value[], depth = 0): void {
    this.spend(depth > DEEPEST ? Number.POSITIVE_INFINITY : list.length)
    for (const item of list) if (isList(item)) this.items(item, depth + 1)
  }

  /** Refuses a number with so many digits that one operation on it could take for ever. */
  number(value: Value): void {
    if (!(value instanceof BigDecimal)) return
    if (Math.abs(value.scale()) > MOST_DIGITS || value.precision() > MOST_DIGITS) throw new BudgetExceeded()
  }

  /**
   * Steps of a walk over all of a value, as if nothing in it were shared.
   * @throws BudgetExceeded where it is more than what is left, without having walked further.
   */
  size(value: Value, depth = 0): number {
    if (typeof value === 'string') return 1 + Math.ceil(value.length / TEXT_UNIT)
    const parts = isList(value) ? value : value instanceof FeelContext ? value.variables : null
    if (parts === null) {
      this.number(value)
      return 1
    }
    const known = this.#sizes.get(parts)
    if (known !== undefined) return known
    if (depth > DEEPEST) throw new BudgetExceeded()
    let total = 1
    for (const part of parts.values()) {
      total += this.size(part, depth + 1)
      if (total > this.#left) throw new BudgetExceeded()
    }
    if (value instanceof FeelContext)
      for (const key of value.variables.keys()) total += Math.ceil(key.length / TEXT_UNIT)
    this.#sizes.set(parts, total)
    return total
  }
}

function isScalar(value: Value): boolean {
  return !(typeof value === 'string' || isList(value) || value instanceof FeelContext)
}
