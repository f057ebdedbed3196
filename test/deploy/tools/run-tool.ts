// Runs a program to its end, and hands back what it wrote.
import { execFile } from 'node:child_process'
import { constants, setPriority } from 'node:os'

export interface Ran {
  /** 0 when all is well; null when it could not be started, or was ended by a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly cwd?: string
  /** Added to ours. */
  readonly env?: Readonly<Record<string, string>>
  /** Written to its standard input. */
  readonly input?: string
  /** Leaves the processor to others that need it. @default false */
  readonly patient?: boolean
}

const MOST_OUTPUT = 64 * 1024 * 1024
const PATIENCE_MS = 600_000

/** Never rejects: a program that cannot be started has the reason in `stderr`. */
export function runTool(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { cwd, env = {}, input = '', patient = false } = options
  return new Promise((resolve) => {
    const limits = { maxBuffer: MOST_OUTPUT, timeout: PATIENCE_MS }
    const child = execFile(
      command,
      args,
      { ...limits, cwd, env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        const { code = 0 } = error ?? {}
        const exit = typeof code === 'number' ? code : null
        resolve({ code: exit, stdout, stderr: exit === null ? `${error?.message}\n${stderr}` : stderr })
      },
    )
    if (patient && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
    // A program that reads nothing may be gone before we write.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}
