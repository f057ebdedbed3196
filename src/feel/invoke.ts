// Calls of functions: selects the function and evaluates its arguments. Pure.
import type { Arguments, Call, Expression } from './expression.ts'
import type { Interpret, Scope } from './scope.ts'
import { Failure, FeelContext, type FeelFunction, type Result, type Value } from './value.ts'
import { valueText } from './value-text.ts'

/** A failure becomes null for a function of the scope, and stays a failure for a function of a context. */
export function call(expression: Call, scope: Scope, interpret: Interpret): Result {
  const { owner, name } = expression
  if (owner !== null) return callOf(interpret(owner, scope), expression, { scope, interpret })
  const callee = scope.function(name, fitting(expression.arguments))
  if (callee === undefined) return null
  const result = invoke(callee, expression, scope, interpret)
  if (!(result instanceof Failure) || result.fatal) return result
  if (name === 'assert') scope.evaluation.failedAssertion ??= result
  return null
}

function callOf(
  owner: Result,
  { name, arguments: given }: Call,
  { scope, interpret }: { scope: Scope; interpret: Interpret },
): Result {
  if (owner instanceof Failure) return owner
  if (!(owner instanceof FeelContext))
    return new Failure(() => `Expected context but found '${valueText(owner)}'`)
  const callee = owner.functions.get(name)?.find(fitting(given))
  if (callee !== undefined) return invoke(callee, { name, arguments: given }, scope, interpret)
  return new Failure(
    given.kind === 'positional'
      ? `No function found with name '${name}' and ${given.values.length} parameters`
      : `No function found with name '${name}' and parameters: ${[...given.values.keys()].join(',')}`,
  )
}

function fitting(given: Arguments): (candidate: FeelFunction) => boolean {
  if (given.kind === 'named') {
    return ({ parameters }) => [...given.values.keys()].every((name) => parameters.includes(name))
  }
  const count = given.values.length
  return ({ parameters, variadic }) => parameters.length === count || (variadic && parameters.length < count)
}

function invoke(
  callee: FeelFunction,
  { name, arguments: given }: Pick<Call, 'name' | 'arguments'>,
  scope: Scope,
  interpret: Interpret,
): Result {
  const value = (argument: Expression) => interpret(argument, scope)
  const results =
    given.kind === 'positional'
      ? positional(callee, given.values.map(value))
      : callee.parameters.map((parameter) => {
          const argument = given.values.get(parameter)
          return argument === undefined ? null : value(argument)
        })
  const failures = results.filter((result) => result instanceof Failure)
  const failure = failures.find(({ fatal }) => fatal) ?? failures[0]
  if (failure !== undefined) return failure
  const values = results.filter(isValue)
  scope.budget?.call(name, values)
  return callee.invoke(values)
}

/** A variadic function gets its surplus arguments as one list. */
function positional({ parameters, variadic }: FeelFunction, values: readonly Result[]): readonly Result[] {
  if (!variadic || parameters.length === 0) return values
  const single = parameters.length - 1
  const rest = values.slice(single)
  const failure = rest.find((value) => value instanceof Failure)
  if (failure !== undefined) return [failure]
  const items = rest.filter(isValue)
  const [only] = items
  const list = single === 0 && items.length === 1 && Array.isArray(only) ? only : items
  return [...values.slice(0, single), list]
}

function isValue(result: Result): result is Value {
  return !(result instanceof Failure)
}
