// A program that we start, watch and end, always by its handle. It must never outlive this process: its stdin
// closes with us, and it is sent SIGTERM when we exit.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const TAIL_LINES = 40

/** How a program ended: an exit code, a signal, or the error that kept it from starting. */
export type Ending = { readonly ok: boolean; readonly text: string }

/** When to give up waiting. */
export interface Limits {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** A running program. */
export interface Child {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined
  /** Resolves when it has ended, and never rejects. */
  readonly ended: Promise<Ending>
  /** The last lines it wrote to standard output and standard error. */
  tail(): string
  /**
   * Waits for the line of output from which `read` makes a value.
   * @throws Error with the tail of the output when the program ends before or the time is up, the signal's reason
   * when aborted.
   */
  line<T>(read: (line: string) => T | undefined, limits: Limits): Promise<T>
  /** Kills it at once; does not wait for its end. */
  kill(): void
  /** Asks it to end by closing its stdin and SIGTERM, after `graceMs` by SIGKILL, and waits for its end. Idempotent. */
  stop(graceMs?: number): Promise<void>
}

/** How a program is started. */
export interface ChildOptions {
  readonly env: NodeJS.ProcessEnv
  /** The folder to run in; ours unless given. */
  readonly cwd?: string
  /** Sees each line of its standard output. */
  readonly onLine?: (line: string) => void
  /**
   * Keeps a Ctrl-C at the terminal from it, which goes to our whole process group: it stays until we have drained
   * and stop it. Only for programs that end when their stdin closes.
   * @default false
   */
  readonly ownGroup?: boolean
}

/** Starts a program. */
export function startChild(command: string, args: readonly string[], options: ChildOptions): Child {
  const { env, cwd, ownGroup: detached = false } = options
  const child = spawn(command, args, { env, cwd, detached, stdio: ['pipe', 'pipe', 'pipe'] })
  const tail: string[] = []
  const readers = new Set<(line: string) => void>(options.onLine === undefined ? [] : [options.onLine])
  const remember = (line: string) => {
    tail.push(line)
    if (tail.length > TAIL_LINES) tail.shift()
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    remember(line)
    for (const reader of readers) reader(line)
  })
  createInterface({ input: child.stderr }).on('line', remember)
  // Writing to a program that has just ended is no error.
  child.stdin.on('error', () => {})
  const endOnExit = () => child.kill('SIGTERM')
  process.on('exit', endOnExit)
  const ended = endOf(child).finally(() => {
    process.off('exit', endOnExit)
    child.stdin.destroy()
  })
  return {
    pid: child.pid,
    ended,
    tail: () => tail.join('\n'),
    line: (read, limits) => waitForLine({ readers, ended, tail, ...limits }, read),
    kill() {
      child.kill('SIGKILL')
    },
    async stop(graceMs = 5_000) {
      child.stdin.end()
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await ended.finally(() => clearTimeout(timer))
    },
  }
}

function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ ok: false, text: `could not be started: ${error.message}` }))
    child.on('close', (code, signal) => {
      resolve({
        ok: code === 0,
        text: code === null ? `was ended by ${signal}` : `ended with exit code ${code}`,
      })
    })
  })
}

interface Watch extends Limits {
  readonly readers: Set<(line: string) => void>
  readonly ended: Promise<Ending>
  readonly tail: readonly string[]
}

function waitForLine<T>(watch: Watch, read: (line: string) => T | undefined): Promise<T> {
  const { readers, ended, tail, timeoutMs, signal } = watch
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const fail = (text: string) => reject(new Error(`it ${text}. The end of its output:\n${tail.join('\n')}`))
  const reader = (line: string) => {
    const value = read(line)
    if (value !== undefined) resolve(value)
  }
  const onAbort = () => reject(signal?.reason)
  const timer = setTimeout(() => fail(`was not ready after ${timeoutMs / 1000} s`), timeoutMs)
  readers.add(reader)
  signal?.addEventListener('abort', onAbort, { once: true })
  if (signal?.aborted) onAbort()
  void ended.then(({ text }) => fail(text))
  return promise.finally(() => {
    clearTimeout(timer)
    readers.delete(reader)
    signal?.removeEventListener('abort', onAbort)
  })
}
