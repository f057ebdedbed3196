// FEEL's list functions.
import { BigDecimal } from 'bigdecimal.js'
import { areEqual, areSame, isComparable, order } from '../compare.ts'
import { decimal, fromComputed, minus, ONE, over, plus, power, times, toInt, ZERO } from '../decimal.ts'
import { Failure, FeelFunction, isList, type Result, type Value } from '../value.ts'
import { valueText } from '../value-text.ts'
import { type Builtins, builtin, variadic } from './builtin.ts'

export const listFunctions: Builtins = {
  'list contains': [
    builtin(['list', 'element'], (list, element) =>
      isItems(list) ? list.some((item) => areSame(item, element ?? null)) : undefined,
    ),
  ],
  count: [ofList((list) => decimal(list.length))],
  min: [extreme(-1)],
  max: [extreme(1)],
  sum: [ofNumbers((numbers) => numbers.reduce(plus))],
  product: [ofNumbers((numbers) => numbers.reduce(times))],
  mean: [ofNumbers(mean)],
  median: [
    ofNumbers((numbers) => {
      const sorted = numbers.toSorted((x, y) => x.compareTo(y))
      const upper = sorted[Math.floor(sorted.length / 2)] ?? ZERO
      const lower = sorted[sorted.length / 2 - 1]
      return lower === undefined ? upper : over(plus(lower, upper), decimal(2))
    }),
  ],
  stddev: [
    ofNumbers((numbers) => {
      const middle = mean(numbers)
      const squares = numbers.map((number) => power(minus(number, middle), decimal(2)))
      const variance = over(squares.reduce(plus, ZERO), decimal(numbers.length - 1))
      return fromComputed(Math.sqrt(variance.numberValue()))
    }),
  ],
  mode: [ofNumbers(mostFrequent, () => [])],
  and: [junction(false)],
  all: [junction(false)],
  or: [junction(true)],
  any: [junction(true)],
  sublist: [
    builtin(['list', 'start'], (list, start) =>
      isItems(list) && start instanceof BigDecimal ? sublist(list, start, null) : undefined,
    ),
    builtin(['list', 'start', 'length'], (list, start, length) =>
      isItems(list) && start instanceof BigDecimal && length instanceof BigDecimal
        ? sublist(list, start, length)
        : undefined,
    ),
  ],
  append: [
    variadic(['list', 'items'], (list, items) =>
      isItems(list) && isItems(items) ? [...list, ...items] : undefined,
    ),
  ],
  concatenate: [variadic(['lists'], (lists) => (isItems(lists) ? lists.flat() : undefined))],
  'insert before': [
    builtin(['list', 'position', 'newItem'], (list, position, item) => {
      if (!(isItems(list) && position instanceof BigDecimal)) return undefined
      if (position.signum() === 0) return new Failure('position must be a non-zero number')
      const index = Math.max(indexIn(list, toInt(position)), 0)
      return list.toSpliced(index, 0, item ?? null)
    }),
  ],
  remove: [
    builtin(['list', 'position'], (list, position) => {
      if (!(isItems(list) && position instanceof BigDecimal)) return undefined
      if (position.signum() === 0) return new Failure('position must be a non-zero number')
      const index = toInt(position)
      const before = list.slice(0, Math.max(indexIn(list, index), 0))
      return [...before, ...list.slice(Math.max(indexIn(list, toInt(plus(position, ONE))), 0))]
    }),
  ],
  reverse: [ofList((list) => list.toReversed())],
  'index of': [
    builtin(['list', 'match'], (list, match) =>
      isItems(list)
        ? list.flatMap((item, index) => (areSame(item, match ?? null) ? [decimal(index + 1)] : []))
        : undefined,
    ),
  ],
  union: [variadic(['lists'], (lists) => (isItems(lists) ? distinct(lists.flat()) : undefined))],
  'distinct values': [ofList(distinct)],
  'duplicate values': [
    ofList((list) =>
      distinct(list).filter((item) => list.filter((other) => areEqual(other, item)).length > 1),
    ),
  ],
  flatten: [ofList(flattened)],
  sort: [
    builtin(['list', 'precedes'], (list, precedes) =>
      isItems(list) && precedes instanceof FeelFunction ? sorted(list, precedes) : undefined,
    ),
  ],
  'string join': [
    builtin(['list'], (list) => joined(list, null, null, null)),
    builtin(['list', 'delimiter'], (list, delimiter) => joined(list, delimiter, null, null)),
    builtin(['list', 'delimiter', 'prefix', 'suffix'], joined),
  ],
  'is empty': [ofList((list) => list.length === 0)],
  partition: [
    builtin(['list', 'size'], (list, size) => {
      if (!(isItems(list) && size instanceof BigDecimal)) return undefined
      const step = toInt(size)
      if (step <= 0) return new Failure(`'size' should be greater than zero but was '${size}'`)
      return Array.from({ length: Math.ceil(list.length / step) }, (_, index) =>
        list.slice(index * step, (index + 1) * step),
      )
    }),
  ],
}

function isItems(value: Value | undefined): value is readonly Value[] {
  return value !== undefined && isList(value)
}

function ofList(body: (list: readonly Value[]) => Result): FeelFunction {
  return builtin(['list'], (list) => (isItems(list) ? body(list) : undefined))
}

/** @param empty - the result for an empty list. @default null */
function ofNumbers(
  body: (numbers: readonly BigDecimal[]) => Result,
  empty: () => Result = () => null,
): FeelFunction {
  return variadic(['list'], (list) => {
    if (!isItems(list)) return undefined
    if (list.length === 0) return empty()
    const numbers = list.filter((item) => item instanceof BigDecimal)
    if (numbers.length === list.length) return body(numbers)
    const other = list.find((item) => !(item instanceof BigDecimal)) ?? null
    return new Failure(() => `expected number but found '${valueText(other)}'`)
  })
}

function extreme(sign: number): FeelFunction {
  return variadic(['list'], (list) => {
    if (!isItems(list)) return undefined
    if (list.length === 0) return null
    if (!isComparable(list)) return new Failure(() => `${valueText(list)} is not comparable`)
    return list.reduce((best, item) => (order(best, item) * sign < 0 ? item : best))
  })
}

function mean(numbers: readonly BigDecimal[]): BigDecimal {
  return over(numbers.reduce(plus), decimal(numbers.length))
}

function mostFrequent(numbers: readonly BigDecimal[]): Value {
  const counts = new Map<string, { number: BigDecimal; count: number }>()
  for (const number of numbers) {
    const key = number.stripTrailingZeros().toString()
    const seen = counts.get(key)
    counts.set(key, { number: seen?.number ?? number, count: (seen?.count ?? 0) + 1 })
  }
  const most = Math.max(...[...counts.values()].map(({ count }) => count))
  const modes = [...counts.values()].filter(({ count }) => count === most)
  return modes.map(({ number }) => number).sort((x, y) => x.compareTo(y))
}

/** `all` and `any`: null if an item that is no boolean leaves the result open. */
function junction(deciding: boolean): FeelFunction {
  return variadic(['list'], (list) => {
    if (!isItems(list)) return undefined
    if (list.includes(deciding)) return deciding
    return list.every((item) => typeof item === 'boolean') ? !deciding : null
  })
}

function indexIn(list: readonly Value[], position: number): number {
  return position > 0 ? position - 1 : list.length + position
}

function sublist(list: readonly Value[], start: BigDecimal, length: BigDecimal | null): Result {
  if (start.signum() === 0) return new Failure('start position must be a non-zero number')
  const from = indexIn(list, toInt(start))
  const to = length === null ? list.length : from + toInt(length)
  return list.slice(Math.max(from, 0), Math.max(to, 0))
}

function distinct(list: readonly Value[]): readonly Value[] {
  const kept: Value[] = []
  for (const item of list) if (!kept.some((other) => areEqual(item, other))) kept.push(item)
  return kept
}

function flattened(list: readonly Value[]): readonly Value[] {
  return list.flatMap((item) => (isList(item) ? flattened(item) : [item]))
}

function sorted(list: readonly Value[], { parameters, invoke }: FeelFunction): Result {
  if (parameters.length !== 2) {
    return new Failure(`expect boolean function with 2 arguments, but found '${parameters.length}'`)
  }
  const wrong: Result[] = []
  const precedes = (x: Value, y: Value) => {
    const result = invoke([x, y])
    if (typeof result !== 'boolean') wrong.push(result)
    return result === true
  }
  const items = list.toSorted((x, y) => (precedes(x, y) ? -1 : Number(precedes(y, x))))
  return wrong.length === 0 ? items : new Failure('fail to sort list by given precedes function')
}

type Given = Value | undefined

/** Null for an absent text; prefix and suffix are both given or both absent. */
function joined(list: Given, delimiter: Given, prefix: Given, suffix: Given): Result | undefined {
  const texts = [delimiter, prefix, suffix]
  if (!isItems(list) || texts.some((text) => text !== null && typeof text !== 'string')) return undefined
  if ((prefix === null) !== (suffix === null)) return undefined
  if (list.some((item) => item !== null && typeof item !== 'string')) {
    return new Failure(() => `expected a list of strings but found '${valueText(list)}'`)
  }
  const strings = list.filter((item) => item !== null)
  return `${prefix ?? ''}${strings.join(String(delimiter ?? ''))}${suffix ?? ''}`
}
