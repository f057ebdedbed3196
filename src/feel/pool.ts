// Processes that evaluate expressions, so that none can hold up or bring down this one: an expression that exceeds its
// time or memory fails for itself. Processes and not threads, since a thread without memory can take all others along.
// Logs nothing it is given.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type JsonObject, parseJson, stringifyJson } from '../job/json.ts'
import type { Answer, Question } from './child.ts'
import type { FeelResult } from './evaluate.ts'
import type { Line } from './line.ts'

export interface FeelLimits {
  /** How many expressions are evaluated at a time. */
  readonly processes: number
  /** For one evaluation, in ms; starting a process and waiting for one do not count. */
  readonly timeMs: number
  /** Heap of a process, in MB. */
  readonly memoryMb: number
}

export const FEEL_LIMITS: FeelLimits = { processes: 2, timeMs: 2_000, memoryMb: 256 }

// A process that does not even notice that its time is over.
const KILL_AFTER_MS = 2_000

export interface FeelPool {
  /**
   * Evaluates as {@link FeelResult} says; what exceeds a limit is a failure that names it.
   * @throws Error (rejects) when the pool is closed before there is a result.
   */
  evaluate(expression: string, context: JsonObject): Promise<FeelResult>
  /** Ends all processes. May be called more than once. */
  close(): Promise<void>
}

interface Task {
  readonly question: Question
  resolve(result: FeelResult): void
  reject(error: Error): void
}

/**
 * A pool without processes: they start with the expressions that need them.
 * @param line - whose functions the expressions know.
 */
export function makeFeelPool(line: Line, limits: FeelLimits = FEEL_LIMITS): FeelPool {
  const waiting: Task[] = []
  const evaluators = new Set<Evaluator>()
  let closed = false

  const next = (): void => {
    if (waiting.length === 0 || closed) return
    const idle = [...evaluators].find((evaluator) => evaluator.free)
    const free = idle ?? (evaluators.size < limits.processes ? start() : null)
    const task = free === null ? undefined : waiting.shift()
    if (task !== undefined) free?.run(task)
  }
  const start = (): Evaluator => {
    const onEnd = () => {
      evaluators.delete(evaluator)
      next()
    }
    const evaluator = startEvaluator(limits, { onFree: next, onEnd })
    evaluators.add(evaluator)
    return evaluator
  }
  return {
    evaluate(expression, context) {
      if (closed) return Promise.reject(new Error(CLOSED))
      const question = { expression, context: stringifyJson(context), line, timeMs: limits.timeMs }
      return new Promise((resolve, reject) => {
        waiting.push({ question, resolve, reject })
        next()
      })
    },
    async close() {
      closed = true
      for (const task of waiting.splice(0)) task.reject(new Error(CLOSED))
      await Promise.all([...evaluators].map((evaluator) => evaluator.close()))
    },
  }
}

const CLOSED = 'expressions are not evaluated any more: the process stops'

interface Evaluator {
  readonly free: boolean
  run(task: Task): void
  close(): Promise<void>
}

interface Listener {
  onFree(): void
  onEnd(): void
}

function startEvaluator({ timeMs, memoryMb }: FeelLimits, { onFree, onEnd }: Listener): Evaluator {
  const child = startChild(memoryMb)
  const ended = Promise.withResolvers<void>()
  let ready = false
  let gone = false
  let task: Task | null = null
  let timer: NodeJS.Timeout | undefined
  const finish = (use: (task: Task) => void): void => {
    clearTimeout(timer)
    const finished = task
    task = null
    if (finished !== null) use(finished)
  }
  const fail = (reason: string): void => finish(({ question, resolve }) => resolve(failed(question, reason)))
  const ask = (): void => {
    if (!ready || task === null) return
    child.send(task.question)
    timer = setTimeout(() => child.kill('SIGKILL'), timeMs + KILL_AFTER_MS)
  }
  const end = (reason: string): void => {
    if (gone) return
    gone = true
    fail(reason)
    ended.resolve()
    onEnd()
  }
  child.on('message', (message) => {
    const answer = message as Answer | null
    ready = true
    if (answer === null) return ask()
    finish(({ question, resolve }) => resolve(resultOf(answer, question)))
    onFree()
  })
  child.on('error', (error) => {
    child.kill('SIGKILL')
    end(`the process for it failed (${error.message}).`)
  })
  child.on('exit', (code, signal) => end(endReason(signal ?? String(code), memoryMb)))
  return {
    get free() {
      return task === null && !gone
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

/** Without our environment, which holds credentials, and without output, which could hold payloads. */
function startChild(memoryMb: number) {
  const { TZ } = process.env
  return fork(fileURLToPath(new URL('./child.ts', import.meta.url)), {
    env: TZ === undefined ? {} : { TZ },
    execArgv: [`--max-old-space-size=${memoryMb}`, '--no-warnings'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

function resultOf(answer: Answer, question: Question): FeelResult {
  switch (answer.kind) {
    case 'value':
      return { ok: true, value: parseJson(answer.json) }
    case 'failure':
      return { ok: false, parseError: answer.parseError, message: answer.message }
    case 'out of time':
      return failed(
        question,
        `it ran for more than ${question.timeMs} ms and was ended. Make it do less, or do it elsewhere in the process.`,
      )
  }
}

function failed({ expression }: Question, reason: string): FeelResult {
  const feel = expression.trim().replace(/^=/, '').trim()
  return { ok: false, parseError: false, message: `failed to evaluate expression '${feel}': ${reason}` }
}

function endReason(how: string, memoryMb: number): string {
  // V8 aborts when it is out of memory, by one signal or another.
  const outOfMemory = ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGSEGV', '134'].includes(how)
  if (outOfMemory) return `it used more than ${memoryMb} MB and was ended. Make it hold less at a time.`
  return `the process for it ended (${how}).`
}
