// One child process that evaluates expressions, and what its answers and its end mean for the task it has.
import { fileURLToPath } from 'node:url'
import type { WorkOwner } from '../job/fair-queue.ts'
import { parseJson } from '../job/json.ts'
import { startConfined } from './confined-process.ts'
import type { FeelResult } from './evaluate.ts'
import {
  endedTwice,
  limitFailure,
  TOO_DEEP,
  tooLarge,
  tooLong,
  tooMuch,
  UNREADABLE,
} from './limit-failures.ts'
import type { Answer, Question } from './question.ts'

/** A question that waits for a process, or is with one. */
export interface Task {
  readonly question: Question
  readonly owner: WorkOwner
  /** Whether a process ended under it before, for a reason that need not be the expression. */
  readonly triedBefore: boolean
  resolve(result: FeelResult): void
  reject(error: Error): void
}

export interface Evaluator {
  readonly free: boolean
  run(task: Task): void
  close(): Promise<void>
}

export interface EvaluatorOptions {
  readonly timeMs: number
  /** Heap, in MB. */
  readonly memoryMb: number
  /** After so many evaluations the process ends. */
  readonly evaluations: number
  readonly onFree: () => void
  /** Takes back a task that another process shall try. */
  readonly again: (task: Task) => void
  readonly onEnd: () => void
}

export const CLOSED = 'expressions are not evaluated any more: the process stops'

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))

/** After its own limit of time: the child may be in a state in which its watchdog cannot end the evaluation. */
const KILL_AFTER_MS = 2_000

export function startEvaluator(options: EvaluatorOptions): Evaluator {
  const { timeMs, memoryMb, onFree, again, onEnd } = options
  const child = startConfined(CHILD, memoryMb)
  const ended = Promise.withResolvers<void>()
  let left = options.evaluations
  let ready = false
  let gone = false
  let late = false
  let task: Task | null = null
  let timer: NodeJS.Timeout | undefined
  const finish = (use: (task: Task) => void): void => {
    clearTimeout(timer)
    const finished = task
    task = null
    if (finished !== null) use(finished)
  }
  const ask = (): void => {
    if (!ready || task === null) return
    child.send(task.question)
    timer = setTimeout(() => {
      late = true
      child.kill('SIGKILL')
    }, timeMs + KILL_AFTER_MS)
  }
  const end = (how: string): void => {
    if (gone) return
    gone = true
    finish((ended) => {
      const reason = late ? tooLong(timeMs) : OUT_OF_MEMORY.includes(how) ? tooMuch(memoryMb) : null
      if (reason !== null) ended.resolve(limitFailure(ended.question, reason))
      // Something else may have ended the process, such as the kernel for want of memory: one other process may try.
      else if (!ended.triedBefore) again({ ...ended, triedBefore: true })
      else ended.resolve(limitFailure(ended.question, endedTwice(how)))
    })
    ended.resolve()
    onEnd()
  }
  child.on('message', (message) => {
    const answer = message as Answer | null
    ready = true
    if (answer === null) return ask()
    left -= 1
    // The next process starts once this one has ended, so that there are never more than the limit.
    if (left <= 0) child.kill('SIGKILL')
    finish(({ question, resolve }) => resolve(resultOf(answer, question)))
    onFree()
  })
  child.on('error', (error) => {
    child.kill('SIGKILL')
    end(error.message)
  })
  child.on('exit', (code, signal) => end(signal ?? String(code)))
  return {
    get free() {
      return task === null && !gone && left > 0
    },
    run(given) {
      task = given
      ask()
    },
    close() {
      finish(({ reject }) => reject(new Error(CLOSED)))
      child.kill('SIGKILL')
      return ended.promise
    },
  }
}

/** V8 aborts when it is out of memory, with one of these signals or 128 and its number. */
const OUT_OF_MEMORY = ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGSEGV', '134']

/** An answer that cannot be read is a failure of its expression: thrown from here, it would end the whole worker. */
function resultOf(answer: Answer, question: Question): FeelResult {
  try {
    return readResult(answer, question)
  } catch (error) {
    return limitFailure(question, error instanceof RangeError ? TOO_DEEP : UNREADABLE)
  }
}

function readResult(answer: Answer, question: Question): FeelResult {
  switch (answer.kind) {
    case 'value':
      return {
        ok: true,
        value: parseJson(answer.json),
        ...(answer.mark === null ? {} : { mark: answer.mark }),
      }
    case 'failure':
      return { ok: false, why: answer.why, message: answer.message }
    case 'out of time':
      return limitFailure(question, tooLong(question.timeMs))
    case 'too long':
      return limitFailure(question, tooLarge(question.longest))
  }
}
