// Where expressions are evaluated: in this process what is certain to end at once (in-process.ts), all else in child
// processes, so that no expression can hold up or bring down this one. Processes and not threads, since a thread that runs
// out of memory can take all others along. Logs nothing it is given.
import { availableParallelism } from 'node:os'
import { FairQueue, type WorkOwner } from '../job/fair-queue.ts'
import { type JsonObject, stringifyJson } from '../job/json.ts'
import { EndlessExpressions, MOST_TIMEOUTS } from './endless-expressions.ts'
import type { FeelResult } from './evaluate.ts'
import { CLOSED, Evaluator, type Task } from './evaluator.ts'
import type { InProcess } from './in-process.ts'
import { leftAlone, limitFailure, TOO_DEEP, tooBusy, tooLong } from './limit-failures.ts'
import type { ExpressionOwner, Line } from './line.ts'
import type { Question } from './question.ts'

interface FeelLimits {
  /** Most child processes, each with one evaluation at a time. */
  readonly processes: number
  /** For one evaluation in a child, in ms; starting a process and waiting for one do not count. */
  readonly timeMs: number
  /** Heap of a child, in MB. */
  readonly memoryMb: number
  /** Longest answer, in UTF-16 units of its JSON. @default what Zeebe may take of the line */
  readonly longestAnswer?: number
  /** Longest wait for a child, ms. @default 5 minutes */
  readonly waitMs?: number
  /**
   * A child is replaced after so many: it evaluates for all tenants, and none shall find what another left there.
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

/** Results of lines from 8.9 on are refused beyond 1.5 MB (connector/output-variables.ts); a gateway takes 4 MB. */
function longestAnswerOf(line: Line): number {
  return (line === '8.8' ? 4 : 2) * 1024 * 1024
}

/** Work of this process itself. */
const OWN: ExpressionOwner = { tenantId: '', bpmnProcessId: '' }

export interface FeelPool {
  /**
   * Evaluates as {@link FeelResult} says; what exceeds a limit is a failure that names it.
   * @param owner - tenants and processes take turns; a job's line wins over that of the pool. @default this process itself
   * @throws Error (rejects) when the pool is closed before there is a result.
   */
  evaluate(expression: string, context: JsonObject, owner?: ExpressionOwner): Promise<FeelResult>
  /**
   * Which variables each expression reads (referenced-paths.ts). In a child, since the parser's time grows faster than the
   * text.
   * @throws Error (rejects) when that takes too much time or memory, or the pool is closed.
   */
  paths(expressions: readonly string[]): Promise<readonly (readonly (readonly string[])[])[]>
  /** Ends all processes. May be called more than once. */
  close(): Promise<void>
}

/**
 * A pool without processes: they start with the first expressions that need them.
 * @param usualLine - whose functions the expressions know, unless their job has another line.
 */
export function makeFeelPool(usualLine: Line, limits: FeelLimits = FEEL_LIMITS): FeelPool {
  const { timeMs } = limits
  const longestOf = (line: Line) => limits.longestAnswer ?? longestAnswerOf(line)
  const children = new Children(limits)
  const inProcess = lazyInProcess()
  const endless = new EndlessExpressions(() => performance.now())
  return {
    async evaluate(expression, context, owner = OWN) {
      if (children.closed) throw new Error(CLOSED)
      const { line = usualLine } = owner
      const longest = longestOf(line)
      const here = (await inProcess(line))(expression, context, longest)
      if (here !== null) return here
      const text = contextText(context)
      const question = {
        kind: 'evaluation',
        expression,
        context: text ?? '{}',
        line,
        timeMs,
        longest,
      } as const
      if (text === null) return limitFailure(question, TOO_DEEP)
      if (endless.isLeftAlone(expression, owner))
        return limitFailure(question, leftAlone(timeMs, MOST_TIMEOUTS))
      const result = await children.ask(question, owner)
      if (!result.ok && result.why === 'limit') {
        if (result.message.endsWith(tooLong(timeMs))) endless.tookTooLong(expression, owner)
      } else endless.ended(expression, owner)
      return result
    },
    async paths(expressions) {
      const longest = longestOf(usualLine)
      const result = await children.ask({ kind: 'paths', expressions, timeMs, longest }, OWN)
      if (!result.ok) throw new Error(result.message)
      return result.value as unknown as readonly (readonly (readonly string[])[])[]
    },
    close: () => children.close(),
  }
}

/** The evaluator takes 0.2 s of CPU and 15 MB to load, and most adapters never need it. */
function lazyInProcess(): (line: Line) => Promise<InProcess> {
  const loaded = new Map<Line, Promise<InProcess>>()
  return (line) => {
    const here =
      loaded.get(line) ?? import('./in-process.ts').then(({ makeInProcess }) => makeInProcess(line))
    loaded.set(line, here)
    return here
  }
}

/** The child processes, and who waits for one. */
class Children {
  readonly #limits: FeelLimits
  readonly #waiting = new FairQueue<Task>()
  /** Tasks whose process ended: they have waited for their turn already. */
  readonly #again: Task[] = []
  readonly #evaluators = new Set<Evaluator>()
  #closed = false

  constructor(limits: FeelLimits) {
    this.#limits = limits
  }

  get closed(): boolean {
    return this.#closed
  }

  ask(question: Question, owner: WorkOwner): Promise<FeelResult> {
    if (this.#closed) return Promise.reject(new Error(CLOSED))
    const { waitMs = LONGEST_WAIT_MS } = this.#limits
    const { promise, resolve, reject } = Promise.withResolvers<FeelResult>()
    const task = { question, owner, triedBefore: false, alone: false, resolve, reject }
    this.#waiting.add(owner, task)
    const timer = setTimeout(() => {
      // A task that runs by now is ended by its limit of time.
      if (this.#waiting.remove(owner, task)) resolve(limitFailure(question, tooBusy(waitMs)))
    }, waitMs)
    this.#next()
    return promise.finally(() => clearTimeout(timer))
  }

  async close(): Promise<void> {
    this.#closed = true
    for (let task = this.#waiting.take(); task !== undefined; task = this.#waiting.take())
      task.reject(new Error(CLOSED))
    for (const task of this.#again.splice(0)) task.reject(new Error(CLOSED))
    await Promise.all([...this.#evaluators].map((evaluator) => evaluator.close()))
  }

  #next(): void {
    if (this.#waiting.size + this.#again.length === 0 || this.#closed) return
    const idle = [...this.#evaluators].find((evaluator) => evaluator.free)
    const free = idle ?? (this.#evaluators.size < this.#limits.processes ? this.#start() : null)
    if (free === null) return
    const again = this.#again.shift()
    // Others that wait are shared out among the processes.
    const share = Math.ceil(this.#waiting.size / this.#limits.processes)
    const tasks = again === undefined ? this.#turn(Math.min(free.room, share)) : [again]
    if (tasks.length > 0) free.run(tasks)
  }

  /** Whose turn it is, and what follows of the same process where nobody else waits. */
  #turn(most: number): readonly Task[] {
    const first = this.#waiting.take()
    if (first === undefined) return []
    const tasks = [first]
    const follows = (task: Task | undefined) =>
      task !== undefined &&
      !task.alone &&
      task.owner.tenantId === first.owner.tenantId &&
      task.owner.bpmnProcessId === first.owner.bpmnProcessId
    while (!first.alone && tasks.length < most && follows(this.#waiting.peek())) {
      const next = this.#waiting.take()
      if (next !== undefined) tasks.push(next)
    }
    return tasks
  }

  #start(): Evaluator {
    const { timeMs, memoryMb, evaluations = MOST_EVALUATIONS } = this.#limits
    const evaluator = new Evaluator({
      timeMs,
      memoryMb,
      evaluations,
      onFree: () => this.#next(),
      again: (task) => this.#again.push(task),
      requeue: (task) => this.#waiting.add(task.owner, task),
      onEnd: () => {
        this.#evaluators.delete(evaluator)
        this.#next()
      },
    })
    this.#evaluators.add(evaluator)
    return evaluator
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
