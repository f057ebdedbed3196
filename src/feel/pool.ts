// Processes that evaluate expressions, so that none can hold up or bring down this one: an expression that exceeds its
// time or memory fails for itself. Processes and not threads, since a thread without memory can take all others along.
// Logs nothing it is given.
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { FairQueue, type WorkOwner } from '../job/fair-queue.ts'
import { type JsonObject, parseJson, stringifyJson } from '../job/json.ts'
import type { Answer, Question } from './child.ts'
import { startConfined } from './confined-process.ts'
import { EndlessExpressions, MOST_TIMEOUTS } from './endless-expressions.ts'
import type { FeelResult } from './evaluate.ts'
import type { Line } from './line.ts'

export interface FeelLimits {
  /** How many expressions are evaluated at a time. */
  readonly processes: number
  /** For one evaluation, in ms; starting a process and waiting for one do not count. */
  readonly timeMs: number
  /** Heap of a process, in MB. */
  readonly memoryMb: number
  /** Longest answer, in UTF-16 units of its JSON. @default what Zeebe may take of the line */
  readonly longestAnswer?: number
  /** Longest wait for a process, ms. @default 5 minutes */
  readonly waitMs?: number
  /**
   * After so many a process is replaced: it evaluates for all tenants, and none is to find what another left there.
   * @default 1,000
   */
  readonly evaluations?: number
}

/** One more than a hostile expression can hold, four at the most: each may take its memory. */
export const FEEL_LIMITS: FeelLimits = {
  processes: Math.min(Math.max(availableParallelism(), 2), 4),
  timeMs: 2_000,
  memoryMb: 256,
}

const LONGEST_WAIT_MS = 300_000
const MOST_EVALUATIONS = 1_000
const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url))

/** Results of lines from 8.9 on are refused beyond 1.5 MB (connector/variables-guard.ts); a gateway takes 4 MB. */
function longestAnswerOf(line: Line): number {
  return (line === '8.8' ? 4 : 2) * 1024 * 1024
}

// A process that does not even notice that its time is over.
const KILL_AFTER_MS = 2_000

/** Work of this process itself. */
const OWN: WorkOwner = { tenantId: '', bpmnProcessId: '' }

export interface FeelPool {
  /**
   * Evaluates as {@link FeelResult} says; what exceeds a limit is a failure that names it.
   * @param owner - tenants and processes take turns. @default this process itself
   * @throws Error (rejects) when the pool is closed before there is a result.
   */
  evaluate(expression: string, context: JsonObject, owner?: WorkOwner): Promise<FeelResult>
  /**
   * Which variables each expression reads, as {@link referencedPaths} tells it. One parser, whose time grows faster than the
   * text, reads them: that is for such a process, too.
   * @throws Error (rejects) when that takes too much time or memory, or the pool is closed.
   */
  paths(expressions: readonly string[]): Promise<readonly (readonly (readonly string[])[])[]>
  /** Ends all processes. May be called more than once. */
  close(): Promise<void>
}

interface Task {
  readonly question: Question
  readonly owner: WorkOwner
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
  const { timeMs, waitMs = LONGEST_WAIT_MS, longestAnswer: longest = longestAnswerOf(line) } = limits
  const waiting = new FairQueue<Task>()
  const again: Task[] = []
  const evaluators = new Set<Evaluator>()
  const endless = new EndlessExpressions(() => performance.now())
  let closed = false

  const next = (): void => {
    if (waiting.size + again.length === 0 || closed) return
    const idle = [...evaluators].find((evaluator) => evaluator.free)
    const free = idle ?? (evaluators.size < limits.processes ? start() : null)
    const task = free === null ? undefined : (again.shift() ?? waiting.take())
    if (task !== undefined) free?.run(task)
  }
  const start = (): Evaluator => {
    const onEnd = () => {
      evaluators.delete(evaluator)
      next()
    }
    const retry = (task: Task) => again.push({ ...task, triedBefore: true })
    const evaluator = startEvaluator(limits, { onFree: next, onEnd, again: retry })
    evaluators.add(evaluator)
    return evaluator
  }
  const ask = (question: Question, owner: WorkOwner): Promise<FeelResult> => {
    if (closed) return Promise.reject(new Error(CLOSED))
    const { promise, resolve, reject } = Promise.withResolvers<FeelResult>()
    const task = { question, owner, triedBefore: false, resolve, reject }
    waiting.add(owner, task)
    const timer = setTimeout(() => {
      // One that runs by now has an end of its own.
      if (waiting.remove(owner, task)) resolve(failed(question, tooBusy(waitMs)))
    }, waitMs)
    next()
    return promise.finally(() => clearTimeout(timer))
  }
  return {
    async evaluate(expression, context, owner = OWN) {
      const text = contextText(context)
      const question = {
        kind: 'evaluation',
        expression,
        context: text ?? '{}',
        line,
        timeMs,
        longest,
      } as const
      if (text === null) return failed(question, TOO_DEEP)
      if (endless.isLeftAlone(expression, owner)) return failed(question, leftAlone(timeMs))
      const result = await ask(question, owner)
      if (!result.ok && result.why === 'limit') {
        if (result.message.endsWith(tooLong(timeMs))) endless.tookTooLong(expression, owner)
      } else endless.ended(expression, owner)
      return result
    },
    async paths(expressions) {
      const result = await ask({ kind: 'paths', expressions, timeMs, longest }, OWN)
      if (!result.ok) throw new Error(result.message)
      return result.value as unknown as readonly (readonly (readonly string[])[])[]
    },
    async close() {
      closed = true
      for (let task = waiting.take(); task !== undefined; task = waiting.take())
        task.reject(new Error(CLOSED))
      for (const task of again.splice(0)) task.reject(new Error(CLOSED))
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

function startEvaluator(limits: FeelLimits, { onFree, onEnd, again }: Listener): Evaluator {
  const { timeMs, memoryMb } = limits
  const child = startConfined(CHILD, memoryMb)
  const ended = Promise.withResolvers<void>()
  let left = limits.evaluations ?? MOST_EVALUATIONS
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
    left -= 1
    // The next one waits for its end, a matter of milliseconds, so that there are never more than there may be.
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
    case 'too long':
      return failed(question, tooLarge(question.longest))
  }
}

function failed(question: Question, reason: string): FeelResult {
  if (question.kind === 'paths')
    return {
      ok: false,
      why: 'limit',
      message: `${question.expressions.length} expressions cannot be read: ${reason}`,
    }
  const feel = question.expression.trim().replace(/^=/, '').trim()
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

function tooLarge(longest: number): string {
  return `its result is longer than ${longest} characters. Make it hold less, or keep it elsewhere.`
}

function leftAlone(timeMs: number): string {
  return `it ran for more than ${timeMs} ms ${MOST_TIMEOUTS} times, and is not tried for a minute. Make it do less, or do it elsewhere in the process.`
}

function tooBusy(waitMs: number): string {
  return `it waited for more than ${waitMs} ms, as other expressions took all the time there is. Add Quarry workers, or make them do less.`
}
