// What a process of the pool runs: one evaluation after another, each within its time. Expressions come from diagrams,
// so nothing may be in here that a runaway one could take with it: no credentials, no connections, no other job. What it
// answers is bounded here: the process that asked holds the work of everybody.
import { runInThisContext } from 'node:vm'
import { isJsonObject, parseJson, stringifyJson } from '../job/json.ts'
import { evaluate } from './evaluate.ts'
import type { Line } from './line.ts'
import { referencedPaths } from './referenced-paths.ts'

/** What a process is asked. JSON travels as text: numbers kept as text would not survive otherwise. */
export type Question = {
  readonly timeMs: number
  /** Longest answer, in UTF-16 units of its JSON. */
  readonly longest: number
} & (
  | {
      readonly kind: 'evaluation'
      readonly expression: string
      readonly context: string
      readonly line: Line
    }
  /** Which variables each of some expressions reads. */
  | { readonly kind: 'paths'; readonly expressions: readonly string[] }
)

/** What it answers; null first, when it is ready. */
export type Answer =
  | { readonly kind: 'value'; readonly json: string; readonly mark: string | null }
  | { readonly kind: 'failure'; readonly why: 'parse' | 'evaluation' | 'limit'; readonly message: string }
  | { readonly kind: 'out of time' }
  | { readonly kind: 'too long' }

/**
 * Of what is wrong with an expression Zeebe is told 6,000 characters (connector/failure-outcome.ts). They are counted once
 * secrets are masked, which makes a text shorter.
 */
const LONGEST_MESSAGE = 100_000

// A script can be ended from outside of JavaScript; what it calls has to be a global.
const ENTRY = 'quarryEvaluate'

// Signals of a terminal or a service manager are for the parent: it finishes its jobs, and then ends this process.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('disconnect', () => process.exit())
process.on('message', (question: Question) => process.send?.(answer(question)))
process.send?.(null)

function answer(question: Question): Answer {
  const { timeMs, longest } = question
  const run = (): Answer => {
    const given = work(question)
    return given.kind === 'value' && given.json.length > longest ? { kind: 'too long' } : given
  }
  Object.assign(globalThis, { [ENTRY]: run })
  try {
    return runInThisContext(`${ENTRY}()`, { timeout: timeMs })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      return { kind: 'out of time' }
    }
    throw error
  }
}

function work(question: Question): Answer {
  if (question.kind === 'paths') return answerOf(question.expressions.map(referencedPaths), null)
  const { expression, context, line } = question
  const variables = parseJson(context)
  const result = evaluate(expression, isJsonObject(variables) ? variables : {}, line)
  if (result.ok) return answerOf(result.value, result.mark ?? null)
  return { kind: 'failure', why: result.why, message: result.message.slice(0, LONGEST_MESSAGE) }
}

/** A text that is longer than any text may be is no answer, either. */
function answerOf(value: Parameters<typeof stringifyJson>[0], mark: string | null): Answer {
  try {
    return { kind: 'value', json: stringifyJson(value), mark }
  } catch (error) {
    if (error instanceof RangeError && /string length/i.test(error.message)) return { kind: 'too long' }
    throw error
  }
}
