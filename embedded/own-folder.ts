// A temporary folder of one user alone, that is removed at its end, and when this process ends before, however it does.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The kernel closes stdin with us. What writes into the folder ends then, too, and is given a moment. */
const REMOVES_WITH_STDIN = 'while read -r _; do :; done; sleep 2; exec rm -rf -- "$1"'

export interface OwnFolder {
  readonly path: string
  /** Idempotent. */
  remove(): Promise<void>
}

/** @param prefix - The beginning of its name, in the system's folder for temporary files. */
export async function makeOwnFolder(prefix: string): Promise<OwnFolder> {
  const path = await mkdtemp(join(tmpdir(), prefix))
  // In a group of its own: a Ctrl-C at the terminal must not end it before us.
  const guard = spawn('/bin/sh', ['-c', REMOVES_WITH_STDIN, 'sh', path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Where there is no shell, only the removal at the end remains.
  guard.on('error', () => {})
  guard.unref()
  const stdin = guard.stdin as Socket
  stdin.on('error', () => {})
  stdin.unref()
  return {
    path,
    async remove() {
      guard.kill('SIGKILL')
      await rm(path, { recursive: true, force: true })
    },
  }
}
