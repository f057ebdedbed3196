// A part of a benchmark in a process of its own, so that its CPU is its own: a script that prints its figures as JSON.
import { startChild } from '../../embedded/child-process.ts'
import type { Figures } from '../report/figure.ts'
import { ROOT } from './parts.ts'

const TIMEOUT_MS = 300_000

/**
 * Runs a script of this repository with some words and the path and home of this process.
 * @throws Error with the end of its output when it ends without figures, or takes more than five minutes.
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
