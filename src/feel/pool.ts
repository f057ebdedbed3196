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
  /** Whether a process has ended under it already, for no fault of its own that is known. */
  readonly triedBefore: boolean
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
    const again = (task: Task) => waiting.unshift({ ...task, triedBefore: true })
    const evaluator = startEvaluator(limits, { onFree: next, onEnd, again })
    evaluators.add(evaluator)
    return evaluator
  }
  return {
    evaluate(expression, context) {
      if (closed) return Promise.reject(new Error(CLOSED))
      const text = contextText(context)
      const question = { expression, context: text ?? '{}', line, timeMs: limits.timeMs }
      if (text === null) return Promise.resolve(failed(question, TOO_DEEP))
      return new Promise((resolve, reject) => {
        waiting.push({ question, triedBefore: false, resolve, reject })
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
  /** Takes a task back that is worth another process. */
  again(task: Task): void
  onEnd(): void
}

function startEvaluator({ timeMs, memoryMb }: FeelLimits, { onFree, onEnd, again }: Listener): Evaluator {
  const child = startChild(memoryMb)
  const ended = Promise.withResolvers<void>()
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
      if (reason !== null) ended.resolve(failed(ended.question, reason))
      // Whoever ended it did not mean the expression, as far as is known: one other process may try.
      else if (!ended.triedBefore) again(ended)
      else ended.resolve(failed(ended.question, `the process for it ended twice (${how}).`))
    })
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
    end(error.message)
  })
  child.on('exit', (code, signal) => end(signal ?? String(code)))
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

/** The variables as JSON, or null where they are nested too deeply to be written. */
function contextText(context: JsonObject): string | null {
  try {
    return stringifyJson(context)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** An answer that cannot be read is a failure of its expression: thrown from here, it would end the whole worker. */
function resultOf(answer: Answer, question: Question): FeelResult {
  try {
    return readResult(answer, question)
  } catch (error) {
    return failed(question, error instanceof RangeError ? TOO_DEEP : 'its result cannot be read.')
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
      return failed(question, tooLong(question.timeMs))
  }
}

function failed({ expression }: Question, reason: string): FeelResult {
  const feel = expression.trim().replace(/^=/, '').trim()
  return { ok: false, why: 'limit', message: `failed to evaluate expression '${feel}': ${reason}` }
}

const TOO_DEEP = 'its variables or its result are nested too deeply. Flatten them.'

// V8 aborts when it is out of memory, by one signal or another.
const OUT_OF_MEMORY = ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGSEGV', '134']

function tooMuch(memoryMb: number): string {
  return `it used more than ${memoryMb} MB and was ended. Make it hold less at a time.`
}

function tooLong(timeMs: number): string {
  return `it ran for more than ${timeMs} ms and was ended. Make it do less, or do it elsewhere in the process.`
}
