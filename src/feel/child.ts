// What a process of the pool runs: one evaluation after another, each within its time. Expressions come from diagrams,
// so nothing may be in here that a runaway one could take with it: no credentials, no connections, no other job.
import { runInThisContext } from 'node:vm'
import { isJsonObject, parseJson, stringifyJson } from '../job/json.ts'
import { evaluate } from './evaluate.ts'
import type { Line } from './line.ts'

/** What a process is asked. JSON travels as text: numbers kept as text would not survive otherwise. */
export interface Question {
  readonly expression: string
  readonly context: string
  readonly line: Line
  readonly timeMs: number
}

/** What it answers; null first, when it is ready. */
export type Answer =
  | { readonly kind: 'value'; readonly json: string; readonly mark: string | null }
  | { readonly kind: 'failure'; readonly why: 'parse' | 'evaluation' | 'limit'; readonly message: string }
  | { readonly kind: 'out of time' }

// A script can be ended from outside of JavaScript; what it calls has to be a global.
const ENTRY = 'quarryEvaluate'

// Signals of a terminal or a service manager are for the parent: it finishes its jobs, and then ends this process.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('disconnect', () => process.exit())
process.on('message', (question: Question) => process.send?.(answer(question)))
process.send?.(null)

function answer({ expression, context, line, timeMs }: Question): Answer {
  const run = (): Answer => {
    const variables = parseJson(context)
    const result = evaluate(expression, isJsonObject(variables) ? variables : {}, line)
    if (result.ok) return { kind: 'value', json: stringifyJson(result.value), mark: result.mark ?? null }
    return { kind: 'failure', why: result.why, message: result.message }
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
