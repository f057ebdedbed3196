// The child process: one evaluation after another, each within its time. Expressions come from diagrams, so nothing may
// be in here that a hostile one could reach: no credentials, no connections, no other job. It bounds its answers itself,
// since the process that asked holds the work of everybody.
import { runInThisContext } from 'node:vm'
import { isJsonObject, parseJson, stringifyJson } from '../job/json.ts'
import { evaluate } from './evaluate.ts'
import type { Answer, Question } from './question.ts'
import { referencedPaths } from './referenced-paths.ts'

/**
 * Zeebe takes 6,000 characters of a message (connector/failure-outcome.ts), counted once secrets are masked, which makes a
 * text shorter.
 */
const LONGEST_MESSAGE = 100_000

// Only a script has a limit of time, and what a script calls has to be a global.
const ENTRY = 'quarryEvaluate'

// A terminal or a service manager signals the whole group. The parent finishes its jobs first, and then ends this process.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
process.on('disconnect', () => process.exit())
process.on('message', (questions: readonly Question[]) => process.send?.(answers(questions)))
process.send?.(null)

/** The first questions, one at least: no further one is begun after half of its time, or beyond the longest answer. */
function answers(questions: readonly Question[]): readonly Answer[] {
  const from = performance.now()
  const given: Answer[] = []
  let length = 0
  for (const question of questions) {
    const isLate = performance.now() - from > question.timeMs / 2
    if (given.length > 0 && (isLate || length > question.longest / 2)) break
    const one = answer(question)
    given.push(one)
    if (one.kind === 'value') length += one.json.length
  }
  return given
}

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

/** JSON longer than V8's longest string is too long, too. */
function answerOf(value: Parameters<typeof stringifyJson>[0], mark: string | null): Answer {
  try {
    return { kind: 'value', json: stringifyJson(value), mark }
  } catch (error) {
    if (error instanceof RangeError && /string length/i.test(error.message)) return { kind: 'too long' }
    throw error
  }
}
