// Defines the engine's functions: by name, each with its parameter lists.
import { Failure, FeelFunction, type Result, type Value } from '../value.ts'
import { valueText } from '../value-text.ts'

/** Functions by name; of several with the same number of parameters, the first is called. */
export type Builtins = Readonly<Record<string, readonly FeelFunction[]>>

/** Computes the result; undefined if the values have wrong types. */
export type Body = (...values: readonly (Value | undefined)[]) => Result | undefined

/** A function of the engine. */
export function builtin(parameters: readonly string[], body: Body): FeelFunction {
  return new FeelFunction(parameters, (values) => orIllegal(body(...values), values))
}

/** A function that takes a list, or its items one by one. */
export function variadic(parameters: readonly string[], body: Body): FeelFunction {
  return new FeelFunction(parameters, (values) => orIllegal(body(...values), values), true)
}

/** The same function under several names of its parameters. */
export function aliased(names: readonly (readonly string[])[], body: Body): readonly FeelFunction[] {
  return names.map((parameters) => builtin(parameters, body))
}

function orIllegal(result: Result | undefined, values: readonly Value[]): Result {
  if (result !== undefined) return result
  const shown = () => values.map((value) => `'${valueText(value)}'`).join(', ')
  return new Failure(() => `Illegal arguments: ${shown()}`)
}
