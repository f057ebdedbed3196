// Evaluates FEEL: JSON in, JSON out, and failures worded as feel-scala words them. Unbounded in time and memory, so it runs
// in a child process (child.ts). Never logs its arguments.
import '@js-joda/timezone'
import type { JsonObject, JsonValue } from '../job/json.ts'
import { bareText, evaluateParsed } from './evaluation.ts'
import type { Expression } from './expression.ts'
import type { Line } from './line.ts'
import { parse } from './parse.ts'
import { parseFailure } from './parse-failure.ts'
import { RecentTexts } from './recent-texts.ts'
import { render } from './render.ts'
import { EngineError, Failure } from './value.ts'

/**
 * A value, or feel-scala's message for why there is none. `limit`: the evaluation was ended, since it took too much time or
 * memory.
 */
export type FeelResult =
  | {
      readonly ok: true
      readonly value: JsonValue
      /** Marks the objects that `createDocument` made in this evaluation; absent in lines without that function. */
      readonly mark?: string
    }
  | { readonly ok: false; readonly why: 'parse' | 'evaluation' | 'limit'; readonly message: string }

/** Trees are immutable, so all tenants share them. */
const recent = new RecentTexts<Expression | null>()

/**
 * Evaluates an expression. A leading `=` and blanks around it are ignored; an unknown variable is null.
 * @param context - the variables by name.
 * @param line - selects the functions; the recordings are of 8.8.
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

/** A diagram's expression is parsed once for thousands of jobs. */
function parsed(text: string): Expression | null {
  const known = recent.get(text)
  if (known !== undefined) return known
  const tree = parse(text)
  recent.set(text, tree)
  return tree
}

function reasonOf(error: unknown): string {
  if (error instanceof EngineError) return error.message
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
