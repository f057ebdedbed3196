// Quarry as processes of their own beside a benchmark.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/**
 * Starts `quarry start` and waits until its log, which is to be JSON of level info, says so.
 * @param args - behind `start`.
 * @throws Error when it ends before.
 */
export async function startQuarry(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, ['bin/quarry.js', 'start', ...args], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('{')) continue
    const { msg, url } = JSON.parse(line) as { msg?: string; url?: string }
    if (msg === 'quarry started' && url !== undefined) {
      child.stdout.resume()
      return { child, url }
    }
  }
  throw new Error('Quarry ended before it had started.')
}
