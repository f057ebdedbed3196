// `quarry start` as a process of its own beside a benchmark.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, startChild } from '../../embedded/child-process.ts'
import { ROOT } from './parts.ts'

const START_TIMEOUT_MS = 60_000
const LOOK_EVERY_MS = 5

export interface QuarryProcess {
  readonly child: Child
  /** The port of its health and metrics. */
  readonly url: string
}

/**
 * Starts `quarry start` and waits until it is ready.
 * @param args - after `start`.
 * @throws Error with the end of its output if it ends early, or is not ready within a minute.
 */
export async function startQuarry(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<QuarryProcess> {
  const { PATH = '', HOME = '' } = process.env
  // The ready line must be logged, as JSON.
  const own = { PATH, HOME, QUARRY_PORT: '0', LOG_LEVEL: 'info', LOG_FORMAT: 'json', ...env }
  const child = startChild(process.execPath, ['bin/quarry.js', 'start', ...args], { env: own, cwd: ROOT })
  try {
    const url = await child.line(startedAt, { timeoutMs: START_TIMEOUT_MS })
    await untilReady(url, child)
    return { child, url }
  } catch (error) {
    child.kill()
    throw error
  }
}

function startedAt(line: string): string | undefined {
  if (!line.startsWith('{')) return undefined
  const { msg, url } = JSON.parse(line) as { msg?: string; url?: string }
  return msg === 'quarry started' ? url : undefined
}

async function untilReady(url: string, child: Child): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    const asked = fetch(`${url}/health/ready`, { headers: { connection: 'close' } })
    if ((await asked.catch(() => null))?.status === 200) return
    await sleep(LOOK_EVERY_MS)
  }
  throw new Error(`Quarry was not ready after ${START_TIMEOUT_MS / 1_000} s:\n${child.tail()}`)
}
