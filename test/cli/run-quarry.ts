// Runs the real command as a child process, for the tests of this folder.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The file that is the command. */
export const COMMAND = fileURLToPath(new URL('../../bin/quarry.js', import.meta.url))

/** What a finished `quarry` left behind. */
export interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `quarry ARGV…` with this environment and no other. */
export function runQuarry(argv: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [COMMAND, ...argv], { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })
}
