// Evaluates an expression as feel-scala's interpreter does. Errors become failures; most operators turn a failure into null,
// and only a list, a context or the root fails with its part. Pure; bounded in time only where the scope has a budget.
import { BigDecimal } from 'bigdecimal.js'
import { add, divide, multiply, subtract } from './arithmetic.ts'
import { type Budget, TEXT_UNIT } from './budget.ts'
import { equality, isPoint } from './compare.ts'
import { negated, power } from './decimal.ts'
import type { Expression, RangeExpression } from './expression.ts'
import { call } from './invoke.ts'
import { filterList, iterate, steps } from './iterate.ts'
import { allHold, anyHolds } from './logic.ts'
import { property } from './property.ts'
import type { Scope } from './scope.ts'
import { parseDate, parseDateTime, parseFeelDuration, parseTemporal, parseTime } from './temporal-text.ts'
import { compared, inputValue, testAny, unaryTest } from './unary-test.ts'
import {
  Failure,
  FeelContext,
  FeelFunction,
  FeelRange,
  isList,
  kindOf,
  type Result,
  typeName,
  type Value,
} from './value.ts'

type Of<Kind extends Expression['kind']> = Extract<Expression, { kind: Kind }>

/**
 * The value of an expression in a scope, or why there is none.
 * @throws BudgetExceeded where the scope has a budget.
 */
export function interpret(expression: Expression, scope: Scope): Result {
  const { budget } = scope
  if (budget === null) return resultOf(expression, scope)
  budget.spend(1)
  const result = resultOf(expression, scope)
  if (!(result instanceof Failure)) budget.number(result)
  return result
}

function resultOf(expression: Expression, scope: Scope): Result {
  const value = (part: Expression) => interpret(part, scope)
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'temporal':
      return temporal(expression)
    case 'input':
      return inputValue(scope)
    case 'list':
      return list(expression.items, value)
    case 'context':
      return context(expression, scope)
    case 'range':
      return range(expression, value)
    case 'variable':
      return scope.variable(expression.name) ?? null
    case 'path':
      return withValue(value(expression.source), (source) => {
        if (isList(source)) scope.budget?.items(source)
        return property(source, expression.key)
      })
    case 'function':
      return new FeelFunction(expression.parameters, (values) =>
        interpret(expression.body, scope.with(named(expression.parameters, values))),
      )
    case 'call':
      return orNull(call(expression, scope, interpret), expression.owner !== null)
    case 'if':
      return withoutFatal(value(expression.condition), (condition) =>
        value(condition === true ? expression.consequence : expression.alternative),
      )
    case 'for':
    case 'some':
    case 'every':
      return orNull(iterate(expression, scope, interpret))
    case 'steps':
      return steps(value(expression.from), value(expression.to))
    case 'filter':
      return orNull(filterList(value(expression.list), expression.filter, { scope, interpret }))
    case 'in':
      return withValue(value(expression.value), (input) =>
        testAny(input, expression.tests, { scope, interpret }),
      )
    case 'compares':
    case 'within':
    case 'matches':
      return unaryTest(expression, scope, interpret)
    default:
      return operation(expression, value, scope.budget)
  }
}

type Operation = Of<'negation' | 'arithmetic' | 'comparison' | 'junction' | 'not' | 'instance of'>

function operation(
  expression: Operation,
  value: (part: Expression) => Result,
  budget: Budget | null,
): Result {
  switch (expression.kind) {
    case 'negation':
      return withValue(orNull(value(expression.operand)), (x) =>
        x instanceof BigDecimal ? negated(x) : null,
      )
    case 'arithmetic':
      return orNull(arithmetic(expression, value, budget))
    case 'comparison': {
      const { operator } = expression
      const left = value(expression.left)
      const right = value(expression.right)
      if (operator !== '=') return compared(operator, left, right, budget)
      return withValue(left, (x) =>
        withValue(right, (y) => {
          budget?.compare(x, y)
          return equality(x, y)
        }),
      )
    }
    case 'junction': {
      const parts = [() => value(expression.left), () => value(expression.right)]
      return expression.operator === 'or' ? anyHolds(parts) : allHold(parts)
    }
    case 'not': {
      return withoutFatal(value(expression.operand), (operand) =>
        typeof operand === 'boolean' ? !operand : null,
      )
    }
    case 'instance of':
      return withValue(value(expression.value), (x) => isInstance(x, expression.type))
  }
}

function arithmetic(
  { operator, left, right }: Of<'arithmetic'>,
  value: (part: Expression) => Result,
  budget: Budget | null,
): Result {
  return withValue(value(left), (x) =>
    withValue(value(right), (y) => {
      budget?.spend(operandCost(x) + operandCost(y))
      switch (operator) {
        case '+':
          return add(x, y)
        case '-':
          return subtract(x, y)
        case '*':
          return multiply(x, y)
        case '/':
          return divide(x, y)
        case '**':
          return x instanceof BigDecimal && y instanceof BigDecimal ? power(x, y) : null
      }
    }),
  )
}

/** Adding texts copies them; an operation on numbers takes some steps; any other operand fails at once. */
function operandCost(value: Value): number {
  return typeof value === 'string' ? 1 + value.length / TEXT_UNIT : 4
}

const TEMPORAL: Readonly<Record<Of<'temporal'>['type'], (text: string) => Value>> = {
  any: parseTemporal,
  date: parseDate,
  time: parseTime,
  'date and time': parseDateTime,
  duration: parseFeelDuration,
}

function temporal({ type, text }: Of<'temporal'>): Value {
  return TEMPORAL[type](text)
}

function list(items: readonly Expression[], value: (part: Expression) => Result): Result {
  const values: Value[] = []
  for (const item of items) {
    const result = value(item)
    if (result instanceof Failure) return asPart(result)
    values.push(result)
  }
  return values
}

/** Each entry can use the entries before it. */
function context({ entries }: Of<'context'>, scope: Scope): Result {
  const variables = new Map<string, Value>()
  const functions = new Map<string, readonly FeelFunction[]>()
  let inner = scope
  for (const [key, expression] of entries) {
    const result = interpret(expression, inner)
    if (result instanceof Failure) return asPart(result)
    if (result instanceof FeelFunction) functions.set(key, [...(functions.get(key) ?? []), result])
    else variables.set(key, result)
    inner = inner.withEntry(key, result)
  }
  return new FeelContext(variables, functions, true)
}

function asPart(failure: Failure): Failure {
  return failure.fatal ? new Failure(() => `fatal error("${failure.message}")`) : failure
}

function range({ start, end }: RangeExpression, value: (part: Expression) => Result): Result {
  return withValue(value(start.value), (from) =>
    withValue(value(end.value), (to) =>
      isPoint(from) && kindOf(from) === kindOf(to)
        ? new FeelRange({ value: from, closed: start.closed }, { value: to, closed: end.closed })
        : new Failure('Invalid range definition'),
    ),
  )
}

function isInstance(value: Value, type: string): boolean {
  switch (type) {
    case 'Any':
      return value !== null
    case 'date time':
      return typeName(value) === 'date and time'
    case 'year-month-duration':
      return typeName(value) === 'years and months duration'
    case 'day-time-duration':
      return typeName(value) === 'days and time duration'
    default:
      return typeName(value) === type
  }
}

function named(names: readonly string[], values: readonly Value[]): ReadonlyMap<string, Value> {
  return new Map(names.map((name, index) => [name, values[index] ?? null]))
}

function withValue(value: Result, use: (value: Value) => Result): Result {
  return value instanceof Failure ? value : use(value)
}

function withoutFatal(result: Result, use: (result: Result) => Result): Result {
  return result instanceof Failure && result.fatal ? result : use(result)
}

function orNull(result: Result, keep = false): Result {
  return result instanceof Failure && !result.fatal && !keep ? null : result
}
