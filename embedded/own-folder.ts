// A temporary folder for one user, removed at the end, also if this process dies first.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The kernel closes its stdin when we die. Programs that write into the folder end then too, and get a moment for it. */
const REMOVES_WITH_STDIN = 'while read -r _; do :; done; sleep 2; exec rm -rf -- "$1"'

export interface OwnFolder {
  readonly path: string
  /** Idempotent. */
  remove(): Promise<void>
}

/** @param prefix - The beginning of its name, in the system's folder for temporary files. */
export async function makeOwnFolder(prefix: string): Promise<OwnFolder> {
  const path = await mkdtemp(join(tmpdir(), prefix))
  // In its own process group: a Ctrl-C at the terminal must not end it before us.
  const guard = spawn('/bin/sh', ['-c', REMOVES_WITH_STDIN, 'sh', path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Without a shell, only the removal at the end remains.
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
