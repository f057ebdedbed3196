// `quarry start` as a process of its own, as users run it: started with an environment and no other, read by its log,
// ended by its handle. Knows nothing of what a test wants of it.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
import type { LoggedRequest } from '../../sim/sim.ts'
import { testEnvironment } from './quarry-under-test.ts'

/** One line of the process's log. */
export interface LogLine extends Readonly<Record<string, unknown>> {
  readonly level: number
  readonly msg: string
}

/** The level of warnings; that of errors is higher. */
export const WARNING = 40

/** How the process ended: an exit code, or the signal that killed it. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface QuarryProcess {
  readonly pid: number
  /** Where it serves health and metrics, as its log says. */
  readonly url: string
  /** The log so far. */
  readonly log: readonly LogLine[]
  readonly ended: Promise<Ended>
  /** All that it wrote, standard output and standard error. */
  output(): string
  /** The first log line with this message, now or when it comes. @throws Error when the process ends before. */
  logged(msg: string, where?: (line: LogLine) => boolean): Promise<LogLine>
  get(path: string): Promise<{ readonly status: number; readonly text: string }>
  /** Whether `/health/ready` says so. */
  isReady(): Promise<boolean>
  /** Waits until it does. */
  ready(): Promise<void>
  /** Sends a signal; to npx, where that started it. */
  signal(name: NodeJS.Signals): void
  /** Ends it, by force when it does not end by itself. Idempotent. */
  stop(): Promise<Ended>
}

export interface QuarryProcessOptions {
  /** Arguments after `quarry start`. */
  readonly args?: readonly string[]
  /** The environment; `PATH` and `HOME` are added. */
  readonly env: Readonly<Record<string, string>>
  /** Starts it by `npx quarry`. @default false */
  readonly npx?: boolean
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PATIENCE_MS = 60_000
const STOP_PATIENCE_MS = 20_000

/** The access key that the default credentials chain of a process finds. */
export const PROCESS_ACCESS_KEY = 'AKIAOFTHEPROCESS'

/** {@link testEnvironment} with AWS keys and a log. */
export function environment(overrides: Readonly<Record<string, string>> = {}): Record<string, string> {
  return testEnvironment({
    AWS_ACCESS_KEY_ID: PROCESS_ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: 'secret-of-the-process',
    LOG_LEVEL: 'info',
    ...overrides,
  })
}

/** The job type that a process with this environment works on. */
export function jobTypeOf(env: Readonly<Record<string, string>>): string {
  return env['CONNECTOR_AWS_BEDROCK_TYPE'] ?? ''
}

/**
 * Starts `quarry start` and waits until it serves.
 * @throws Error with its output when it ends before.
 */
export async function startQuarryProcess(options: QuarryProcessOptions): Promise<QuarryProcess> {
  const { args = [], npx = false } = options
  const { PATH = '', HOME = '' } = process.env
  const [command, ...first] = npx ? ['npx', 'quarry'] : [process.execPath, 'bin/quarry.js']
  const child = spawn(command ?? '', [...first, 'start', ...args], {
    cwd: ROOT,
    env: { PATH, HOME, ...options.env },
    detached: npx,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const read = readOutput(child)
  const signal = (name: NodeJS.Signals): void => {
    child.kill(name)
  }
  const kill = () => (npx ? killGroup(child) : child.kill('SIGKILL'))
  process.on('exit', kill)
  void read.ended.finally(() => process.off('exit', kill))
  const stop = async (): Promise<Ended> => {
    signal('SIGTERM')
    const timer = setTimeout(kill, STOP_PATIENCE_MS)
    return read.ended.finally(() => clearTimeout(timer))
  }
  try {
    const { url } = await read.logged('quarry started')
    return running(child, String(url), { ...read, signal, stop })
  } catch (error) {
    await stop()
    throw error
  }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // A group that has ended cannot be told anything.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

type Read = Pick<QuarryProcess, 'log' | 'ended' | 'output' | 'logged'>

function running(
  child: ChildProcess,
  url: string,
  parts: Read & Pick<QuarryProcess, 'signal' | 'stop'>,
): QuarryProcess {
  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`, { headers: { connection: 'close' } })
    return { status: response.status, text: await response.text() }
  }
  const isReady = async () => (await get('/health/ready')).status === 200
  return {
    ...parts,
    pid: child.pid ?? 0,
    url,
    get,
    isReady,
    ready: () => until(`${url} is ready`, isReady),
  }
}

function readOutput(child: ChildProcess): Read {
  const lines: string[] = []
  const log: LogLine[] = []
  const watchers = new Set<() => void>()
  const changed = (): void => {
    for (const watcher of watchers) watcher()
  }
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      const parsed = parseLine(line)
      if (parsed !== null) log.push(parsed)
      changed()
    })
  }
  const ended = once(child, 'close').then(
    ([code, signal]): Ended => ({ code, signal }),
    (error: Error): Ended => {
      lines.push(`It could not be started: ${error.message}`)
      return { code: null, signal: null }
    },
  )
  const output = () => lines.join('\n')
  return {
    log,
    ended,
    output,
    logged(msg, where = () => true) {
      const { promise, resolve, reject } = Promise.withResolvers<LogLine>()
      const fail = (what: string) =>
        reject(new Error(`No log line "${msg}" ${what}. Its output:\n${output()}`))
      const look = (): void => {
        const found = log.find((line) => line.msg === msg && where(line))
        if (found !== undefined) resolve(found)
      }
      const timer = setTimeout(() => fail(`within ${PATIENCE_MS} ms`), PATIENCE_MS)
      watchers.add(look)
      look()
      void ended.then(() => fail('before its end'))
      return promise.finally(() => {
        clearTimeout(timer)
        watchers.delete(look)
      })
    },
  }
}

function parseLine(line: string): LogLine | null {
  if (!line.startsWith('{')) return null
  const value: Partial<LogLine> = JSON.parse(line)
  return typeof value.msg === 'string' ? (value as LogLine) : null
}

/** Asks again until it is so. A rejection counts as "not yet". @throws Error when it is not within a minute. */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  let last: unknown = ''
  const ask = () =>
    isSo().catch((error: unknown) => {
      last = error
      return false
    })
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`Not seen within ${PATIENCE_MS} ms: ${what}. ${last}`)
    await sleep(50)
  }
}

/** The calls of one model as the stand-in logged them. */
export async function callsOf(model: string): Promise<LoggedRequest[]> {
  const response = await fetch(`${inject('simUrl')}/__sim/requests`)
  const calls = (await response.json()) as LoggedRequest[]
  return calls.filter((call) => call.model === model)
}
