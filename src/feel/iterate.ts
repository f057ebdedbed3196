// `for`, `some`, `every` and filters of lists. Pure.
import { BigDecimal } from 'bigdecimal.js'
import { decimal, minus, ONE, plus, toInt } from './decimal.ts'
import type { Expression, Iteration } from './expression.ts'
import { allHold, anyHolds } from './logic.ts'
import type { Interpret, Names, Scope } from './scope.ts'
import { Failure, FeelContext, isList, type Result, typeName, type Value } from './value.ts'
import { valueText } from './value-text.ts'

/** All lists are evaluated before the first step, so an iterator's list cannot use another iterator. */
export function iterate({ kind, iterators, body }: Iteration, scope: Scope, interpret: Interpret): Result {
  const lists: (readonly [string, readonly Value[]])[] = []
  for (const [name, source] of iterators) {
    const list = asList(interpret(source, scope))
    if (list instanceof Failure) return list
    lists.push([name, list])
  }
  const step = (names: ReadonlyMap<string, Value>): Scope => {
    scope.budget?.spend(1 + names.size)
    return scope.with(names)
  }
  if (kind !== 'for') {
    const conditions = combinations(lists, (names) => () => interpret(body, step(names)))
    return kind === 'some' ? anyHolds(conditions) : allHold(conditions)
  }
  const results: Value[] = []
  const partial: Names = {
    get: (name) => {
      if (name !== 'partial') return undefined
      scope.budget?.spend(results.length)
      return [...results]
    },
  }
  for (const inner of combinations(lists, (names) => step(names).with(partial))) {
    const result = interpret(body, inner)
    results.push(result instanceof Failure ? null : result)
  }
  return results
}

function* combinations<T>(
  lists: readonly (readonly [string, readonly Value[]])[],
  use: (names: ReadonlyMap<string, Value>) => T,
): Generator<T> {
  const [first, ...others] = lists
  if (first === undefined) return
  const [name, items] = first
  for (const item of items) {
    if (others.length === 0) yield use(new Map([[name, item]]))
    else yield* combinations(others, (names) => use(new Map([...names, [name, item]])))
  }
}

/** `1..3` and `3..1`. */
export function steps(from: Result, to: Result): Result {
  if (from instanceof Failure) return from
  if (!(from instanceof BigDecimal)) return expected('number', from)
  if (to instanceof Failure) return to
  if (!(to instanceof BigDecimal)) return expected('number', to)
  const up = from.lt(to)
  const values: Value[] = []
  for (
    let value = from;
    up ? value.lte(to) : value.gte(to);
    value = up ? plus(value, ONE) : minus(value, ONE)
  ) {
    values.push(value)
  }
  return values
}

/** A list's items at an index (1 is the first, -1 the last), or those for which the filter holds. */
export function filterList(
  source: Result,
  filter: Expression,
  { scope, interpret }: { scope: Scope; interpret: Interpret },
): Result {
  const list = asList(source)
  if (list instanceof Failure) return list
  const ofItem = (item: Value) => interpret(filter, itemScope(scope, item))
  const ofAll = () => {
    scope.budget?.spend(list.length)
    return filtered(list, ofItem)
  }
  if (filter.kind === 'comparison' || filter.kind === 'call') return ofAll()
  const index = interpret(filter, scope)
  return index instanceof BigDecimal ? itemAt(list, index) : ofAll()
}

function itemScope(scope: Scope, item: Value): Scope {
  const inner = scope.withEntry('item', item)
  return item instanceof FeelContext ? inner.with(item, item.functions) : inner
}

/** A filter may evaluate to an index only for the first item. */
function filtered(list: readonly Value[], filter: (item: Value) => Result): Result {
  const [head, ...tail] = list
  if (head === undefined) return []
  const first = filter(head)
  if (first instanceof Failure) return first
  if (first instanceof BigDecimal) return itemAt(list, first)
  const kept: Value[] = first === true ? [head] : []
  for (const item of tail) {
    const result = filter(item)
    if (result instanceof Failure) return new Failure(() => result.message)
    if (result === true) kept.push(item)
  }
  return kept
}

function itemAt(list: readonly Value[], index: BigDecimal): Value {
  const place = index.signum() > 0 ? minus(index, ONE) : plus(decimal(list.length), index)
  if (place.signum() < 0 || place.gte(list.length)) return null
  return list[toInt(place)] ?? null
}

function asList(value: Result): readonly Value[] | Failure {
  if (value instanceof Failure || isList(value)) return value
  return expected('list', value)
}

function expected(type: string, value: Value): Failure {
  return new Failure(() => `Expected ${type} but found '${valueText(value)}' of type ${typeName(value)}`)
}
