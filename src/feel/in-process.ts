// Evaluates in the worker's process what certainly ends within about a millisecond; a child evaluates the rest. It returns
// values only: the child evaluates anew whatever fails or exceeds the budget here, and words the failure. An author's regular
// expressions, code from text, and functions defined in an expression never run here.
import type { JsonObject } from '../job/json.ts'
import { isBounded } from './bounded.ts'
import { Budget, BudgetExceeded, TEXT_UNIT } from './budget.ts'
import type { FeelResult } from './evaluate.ts'
import { bareText, evaluateParsed } from './evaluation.ts'
import type { Expression } from './expression.ts'
import type { Line } from './line.ts'
import { parse } from './parse.ts'
import { RecentTexts } from './recent-texts.ts'
import { render } from './render.ts'
import { Failure } from './value.ts'

/** The parser's time grows faster than the text. */
const LONGEST_TEXT = 1_000
/** The parser's stack grows with the brackets. */
const DEEPEST_BRACKETS = 30
/** Steps of one evaluation, its result included. */
const MOST_STEPS = 5_000
/** Once an expression took more, so many of its evaluations go to the child without a try here. */
const LEFT_TO_CHILD = 100
/** An unit of text at its longest: each character escaped as `\u0000`. */
const JSON_PER_STEP = 6 * TEXT_UNIT

interface Known {
  /** Null for one that the child must evaluate. */
  readonly expression: Expression | null
  leftToChild: number
}

/**
 * The value of an expression, or null where the child must evaluate it.
 * @param longest - of the result, in UTF-16 units of its JSON.
 */
export type InProcess = (
  expression: string,
  context: JsonObject,
  longest: number,
) => Extract<FeelResult, { ok: true }> | null

/** @param line - whose functions the expressions know. */
export function makeInProcess(line: Line): InProcess {
  const recent = new RecentTexts<Known>()
  const know = (text: string): Known => {
    const known = recent.get(text) ?? { expression: boundedExpression(text), leftToChild: 0 }
    recent.set(text, known)
    return known
  }
  return (given, context, longest) => {
    const text = bareText(given)
    if (text.length > LONGEST_TEXT) return null
    const known = know(text)
    if (known.expression === null) return null
    if (known.leftToChild > 0) {
      known.leftToChild -= 1
      return null
    }
    const budget = new Budget(Math.min(MOST_STEPS, longest / JSON_PER_STEP))
    try {
      const { result, failedAssertion, mark } = evaluateParsed(known.expression, context, line, budget)
      if (failedAssertion !== null || result instanceof Failure) return null
      budget.spend(budget.size(result))
      return { ok: true, value: render(result), ...(mark === null ? {} : { mark }) }
    } catch (error) {
      if (error instanceof BudgetExceeded) known.leftToChild = LEFT_TO_CHILD
      return null
    }
  }
}

function boundedExpression(text: string): Expression | null {
  if (bracketDepth(text) > DEEPEST_BRACKETS) return null
  const expression = parse(text)
  return expression !== null && isBounded(expression) ? expression : null
}

function bracketDepth(text: string): number {
  let depth = 0
  let deepest = 0
  for (const sign of text) {
    if ('([{'.includes(sign)) depth += 1
    else if (')]}'.includes(sign)) depth -= 1
    deepest = Math.max(deepest, depth)
  }
  return deepest
}
