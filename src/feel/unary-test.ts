// Tests that do not name their value: `x in > 5`, `x in [1..3]`, `x in ("a", "b")`. Pure.
import type { Budget } from './budget.ts'
import { areSame, equality, isComparable, order } from './compare.ts'
import type { CompareOperator, RangeExpression, UnaryTest } from './expression.ts'
import { anyHolds } from './logic.ts'
import type { Interpret, Scope } from './scope.ts'
import { Failure, isList, kindOf, type Result, type Value } from './value.ts'

// feel-scala keeps the tested value under this name; a variable of that name is visible, too.
const INPUT = 'cellInput'
const INPUT_SYMBOL = '?'

/** Whether one of the tests holds for the value. */
export function testAny(
  value: Value,
  tests: readonly UnaryTest[],
  { scope, interpret }: { scope: Scope; interpret: Interpret },
): Result {
  const inner = scope.withEntry(INPUT, value)
  const [only, ...others] = tests
  if (only !== undefined && others.length === 0) return interpret(only, inner)
  return anyHolds(tests.map((test) => () => interpret(test, inner)))
}

/** The value of `?`. */
export function inputValue(scope: Scope): Result {
  const input = scope.variable(INPUT_SYMBOL)
  if (input !== undefined) return input
  const reason = `No input value available. '${INPUT_SYMBOL}' can only be used inside an unary-test expression.`
  return new Failure(reason, true)
}

export function unaryTest(test: UnaryTest, scope: Scope, interpret: Interpret): Result {
  const input = scope.variable(INPUT) ?? null
  switch (test.kind) {
    case 'compares':
      return compared(test.operator, input, interpret(test.operand, scope), scope.budget)
    case 'within':
      return within(input, test.range, (value) => interpret(value, scope))
    case 'matches':
      return matched(input, interpret(test.expression, scope), scope.budget, () =>
        interpret(test.expression, scope.withEntry(INPUT_SYMBOL, input)),
      )
  }
}

/** FEEL's `<`, `<=`, `>` and `>=`: null if the values have no common order. */
export function compared(operator: CompareOperator, x: Result, y: Result, budget: Budget | null): Result {
  if (x instanceof Failure) return x
  if (y instanceof Failure) return y
  budget?.compare(x, y)
  if (!isComparable(x) || !isComparable(y) || kindOf(x) !== kindOf(y)) return null
  return holds(operator, order(x, y))
}

function holds(operator: CompareOperator, sign: number): boolean {
  if (operator === '<') return sign < 0
  if (operator === '<=') return sign <= 0
  return operator === '>' ? sign > 0 : sign >= 0
}

function within(
  input: Value,
  { start, end }: RangeExpression,
  read: (value: RangeExpression['start']['value']) => Result,
): Result {
  const from = read(start.value)
  const to = read(end.value)
  if (from instanceof Failure || to instanceof Failure) return null
  if (![input, from, to].every((value) => isComparable(value) && kindOf(value) === kindOf(input))) return null
  return (
    holds(start.closed ? '>=' : '>', order(input, from)) && holds(end.closed ? '<=' : '<', order(input, to))
  )
}

function matched(input: Value, value: Result, budget: Budget | null, again: () => Result): Result {
  if (value instanceof Failure) {
    if (!value.fatal) return value
    const result = again()
    return typeof result === 'boolean' ? result : null
  }
  if (value === true) return true
  budget?.both(input, value)
  if (isList(value) && value.some((item) => areSame(item, input))) return true
  const equal = equality(input, value)
  if (equal === true) return true
  return value === false || isList(value) || equal !== null ? false : null
}
