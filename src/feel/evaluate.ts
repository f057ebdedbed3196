// The border to FEEL: JSON in, JSON out. Synchronous and unbounded, so it runs in a process that can be ended
// (pool.ts); never logs what it is given.
import type { JsonObject, JsonValue } from '../job/json.ts'
import { variablesOf } from './from-json.ts'
import { allFunctions } from './functions/all.ts'
import { createDocumentFunction } from './functions/create-document.ts'
import { interpret } from './interpret.ts'
import type { Line } from './line.ts'
import { parse } from './parse.ts'
import { parseFailure } from './parse-failure.ts'
import { render } from './render.ts'
import { Scope } from './scope.ts'
import { EngineError, Failure } from './value.ts'

/**
 * A value, or why there is none in the words of the engine the diagrams were written for (feel-scala). `limit` stands
 * for an expression that was ended since it took too much time or memory.
 */
export type FeelResult =
  | {
      readonly ok: true
      readonly value: JsonValue
      /** What marks the objects that `createDocument` made in this evaluation; only where there is that function. */
      readonly mark?: string
    }
  | { readonly ok: false; readonly why: 'parse' | 'evaluation' | 'limit'; readonly message: string }

/**
 * Evaluates an expression. A leading `=` and blanks around it are left out; what the context does not know is null.
 * @param context - the variables by name.
 * @param line - whose functions there are; 8.8 is the one that was recorded.
 */
export function evaluate(expression: string, context: JsonObject, line: Line = '8.8'): FeelResult {
  const feel = expression.trim().replace(/^=/, '').trim()
  const failed = (message: string): FeelResult => ({ ok: false, why: 'evaluation', message })
  try {
    const parsed = parse(feel)
    if (parsed === null) return { ok: false, why: 'parse', message: parseFailure(feel) }
    const creation = line === '8.10' ? createDocumentFunction() : null
    const functions =
      creation === null
        ? allFunctions[line]
        : new Map([...allFunctions[line], ...Object.entries(creation.functions)])
    const scope = Scope.root(variablesOf(context), functions)
    const result = interpret(parsed, scope)
    const { failed: assertion } = scope.assertions
    if (assertion !== null) {
      return failed(`Assertion failure on evaluate the expression '${feel}': ${assertion}`)
    }
    if (result instanceof Failure) return failed(`failed to evaluate expression '${feel}': ${result.message}`)
    return { ok: true, value: render(result), ...(creation === null ? {} : { mark: creation.mark }) }
  } catch (error) {
    return failed(`failed to evaluate expression '${feel}' : ${reasonOf(error)}`)
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof EngineError) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
