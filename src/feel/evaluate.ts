// The border to FEEL: JSON in, JSON out, and failures in the words of feel-scala. Unbounded, so it runs in a process that
// can be ended (child.ts). Never logs what it is given.
import '@js-joda/timezone'
import type { JsonObject, JsonValue } from '../job/json.ts'
import { bareText, evaluateParsed } from './evaluation.ts'
import type { Line } from './line.ts'
import { parseFailure } from './parse-failure.ts'
import { makeParsed } from './parsed.ts'
import { render } from './render.ts'
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

const parsed = makeParsed()

/**
 * Evaluates an expression. A leading `=` and blanks around it are left out; what the context does not know is null.
 * @param context - the variables by name.
 * @param line - whose functions there are; 8.8 is the one that was recorded.
 */
export function evaluate(expression: string, context: JsonObject, line: Line = '8.8'): FeelResult {
  const feel = bareText(expression)
  const failed = (message: string): FeelResult => ({ ok: false, why: 'evaluation', message })
  try {
    const tree = parsed(feel)
    if (tree === null) return { ok: false, why: 'parse', message: parseFailure(feel) }
    const { result, failedAssertion, mark } = evaluateParsed(tree, context, line, null)
    if (failedAssertion !== null) {
      return failed(`Assertion failure on evaluate the expression '${feel}': ${failedAssertion.message}`)
    }
    if (result instanceof Failure) return failed(`failed to evaluate expression '${feel}': ${result.message}`)
    return { ok: true, value: render(result), ...(mark === null ? {} : { mark }) }
  } catch (error) {
    return failed(`failed to evaluate expression '${feel}' : ${reasonOf(error)}`)
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof EngineError) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
