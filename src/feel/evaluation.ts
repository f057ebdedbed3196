// One evaluation of a parsed expression: the same code in the worker's process and in a child. Synchronous, logs nothing.
import type { JsonObject } from '../job/json.ts'
import type { Budget } from './budget.ts'
import type { Expression } from './expression.ts'
import { JsonContext } from './from-json.ts'
import { allFunctions } from './functions/all.ts'
import { createDocumentFunction } from './functions/create-document.ts'
import { interpret } from './interpret.ts'
import type { Line } from './line.ts'
import { Scope } from './scope.ts'
import type { Failure, Result } from './value.ts'

export interface Evaluated {
  readonly result: Result
  /** The first `assert` that did not hold: the evaluation fails, whatever its result is. */
  readonly failedAssertion: Failure | null
  /** Marks the objects that `createDocument` made; null in lines without that function. */
  readonly mark: string | null
}

/** The text of an expression without the `=` and the blanks around it. */
export function bareText(expression: string): string {
  return expression.trim().replace(/^=/, '').trim()
}

/**
 * @param context - the variables by name; an unknown one is null.
 * @param budget - null for none.
 * @throws EngineError, BudgetExceeded
 */
export function evaluateParsed(
  expression: Expression,
  context: JsonObject,
  line: Line,
  budget: Budget | null,
): Evaluated {
  const creation = line === '8.10' ? createDocumentFunction() : null
  const engine = Scope.root(new JsonContext(context, budget), allFunctions[line], budget)
  const scope =
    creation === null ? engine : engine.with(NO_VARIABLES, new Map(Object.entries(creation.functions)))
  const result = interpret(expression, scope)
  const { failedAssertion } = scope.evaluation
  return { result, failedAssertion, mark: creation?.mark ?? null }
}

const NO_VARIABLES = new Map<string, never>()
