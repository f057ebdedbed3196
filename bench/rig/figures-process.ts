// Runs a part of a benchmark as a separate process, whose CPU is measured alone: a script that prints its figures as JSON.
import { startChild } from '../../embedded/child-process.ts'
import type { Figures } from '../report/figure.ts'
import { ROOT } from './parts.ts'

const TIMEOUT_MS = 300_000

/**
 * Runs a script of this repository with arguments, and with PATH and HOME of this process.
 * @throws Error with the end of its output if it ends without figures, or takes more than five minutes.
 */
export async function figuresOf(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Figures> {
  const { PATH = '', HOME = '' } = process.env
  const child = startChild(process.execPath, [script, ...args], { env: { PATH, HOME, ...env }, cwd: ROOT })
  try {
    const line = await child.line((text) => (text.startsWith('{') ? text : undefined), {
      timeoutMs: TIMEOUT_MS,
    })
    return JSON.parse(line) as Figures
  } finally {
    await child.stop()
  }
}
