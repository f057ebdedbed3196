// One child process that evaluates expressions, and what its answers and its end mean for the tasks it has.
import { extname } from 'node:path'
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
  /** Whether a process ended that had other tasks, too: this one may be why, so it goes without company. */
  alone: boolean
  resolve(result: FeelResult): void
  reject(error: Error): void
}

interface EvaluatorOptions {
  readonly timeMs: number
  /** Heap, in MB. */
  readonly memoryMb: number
  /** After so many evaluations the process ends. */
  readonly evaluations: number
  readonly onFree: () => void
  /** Takes back a task that another process shall try at once. */
  readonly again: (task: Task) => void
  /** Takes back a task that shall wait for its turn again. */
  readonly requeue: (task: Task) => void
  readonly onEnd: () => void
}

export const CLOSED = 'expressions are not evaluated any more: the process stops'

const CHILD = fileURLToPath(new URL(`./child${extname(import.meta.filename)}`, import.meta.url))

/** In one message. */
const MOST_TASKS = 8

/** After its own limit of time: the child may be in a state in which its watchdog cannot end the evaluation. */
const KILL_AFTER_MS = 2_000

export class Evaluator {
  readonly #options: EvaluatorOptions
  readonly #child: ReturnType<typeof startConfined>
  readonly #ended = Promise.withResolvers<void>()
  #left: number
  #ready = false
  #gone = false
  #late = false
  #tasks: readonly Task[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(options: EvaluatorOptions) {
    this.#options = options
    this.#left = options.evaluations
    this.#child = startConfined(CHILD, options.memoryMb)
    this.#child.on('message', (message) => this.#take(message as readonly Answer[] | null))
    this.#child.on('error', (error) => {
      this.#child.kill('SIGKILL')
      this.#end(error.message)
    })
    this.#child.on('exit', (code, signal) => this.#end(signal ?? String(code)))
  }

  get free(): boolean {
    return this.#tasks.length === 0 && !this.#gone && this.#left > 0
  }

  /** Most tasks that it takes. */
  get room(): number {
    return Math.min(MOST_TASKS, this.#left)
  }

  run(tasks: readonly Task[]): void {
    this.#tasks = tasks
    if (this.#ready) this.#ask()
  }

  close(): Promise<void> {
    for (const { reject } of this.#finish()) reject(new Error(CLOSED))
    this.#child.kill('SIGKILL')
    return this.#ended.promise
  }

  #ask(): void {
    if (this.#tasks.length === 0) return
    this.#child.send(this.#tasks.map(({ question }) => question))
    // A child begins its last question before half of the time is over.
    const limitMs = (this.#tasks.length > 1 ? 1.5 : 1) * this.#options.timeMs
    this.#timer = setTimeout(() => {
      this.#late = true
      this.#child.kill('SIGKILL')
    }, limitMs + KILL_AFTER_MS)
  }

  #finish(): readonly Task[] {
    clearTimeout(this.#timer)
    const finished = this.#tasks
    this.#tasks = []
    return finished
  }

  #take(answers: readonly Answer[] | null): void {
    this.#ready = true
    if (answers === null) {
      this.#ask()
      return
    }
    this.#left -= answers.length
    // The next process starts once this one has ended, so that there are never more than the limit.
    if (this.#left <= 0) this.#child.kill('SIGKILL')
    for (const [index, task] of this.#finish().entries()) {
      const answer = answers[index]
      if (answer === undefined) this.#options.requeue(task)
      else task.resolve(resultOf(answer, task.question))
    }
    this.#options.onFree()
  }

  #end(how: string): void {
    if (this.#gone) return
    this.#gone = true
    const tasks = this.#finish()
    const [only] = tasks
    if (only !== undefined && tasks.length === 1) this.#failed(only, how)
    else
      for (const task of tasks) {
        task.alone = true
        this.#options.requeue(task)
      }
    this.#ended.resolve()
    this.#options.onEnd()
  }

  #failed(task: Task, how: string): void {
    const { timeMs, memoryMb, again } = this.#options
    const reason = this.#late ? tooLong(timeMs) : OUT_OF_MEMORY.includes(how) ? tooMuch(memoryMb) : null
    if (reason !== null) task.resolve(limitFailure(task.question, reason))
    // Something else may have ended the process, such as the kernel for want of memory: one other process may try.
    else if (!task.triedBefore) again({ ...task, triedBefore: true })
    else task.resolve(limitFailure(task.question, endedTwice(how)))
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
