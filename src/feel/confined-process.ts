// Starts a process that may evaluate and do nothing else, as what it evaluates comes from diagrams: it has none of our
// environment, which holds credentials, no output, which could hold payloads, and by Node's permission model no file but
// its own code, no other process, no thread and no native code. Node has no such switch for the network and for signals.
import { type ChildProcess, fork } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @param script - path of its module; it talks by messages.
 * @param memoryMb - its heap.
 */
export function startConfined(script: string, memoryMb: number): ChildProcess {
  const { TZ } = process.env
  return fork(script, {
    env: TZ === undefined ? {} : { TZ },
    execArgv: [
      `--max-old-space-size=${memoryMb}`,
      '--no-warnings',
      '--permission',
      ...readable().map((path) => `--allow-fs-read=${path}`),
      '--disallow-code-generation-from-strings',
      // Deleted and not refused: a variable of that name is data as any other.
      '--disable-proto=delete',
    ],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

/** What it loads; nothing else in the project's folder, where a file of settings may lie. */
function readable(): string[] {
  const source = fileURLToPath(new URL('..', import.meta.url))
  const library = findPackageJSON('lezer-feel', import.meta.url)
  if (library === undefined) throw new Error('lezer-feel is not installed: run `npm ci`.')
  const packages = resolve(dirname(library), '..')
  return [
    resolve(source, 'feel', '*'),
    resolve(source, 'job', '*'),
    resolve(source, '..', 'package.json'),
    // All packages, in the folder and where a link to it leads: they hold no secret, and which of them another one needs
    // is theirs to say.
    ...new Set([packages, realpathSync(packages)].map((path) => resolve(path, '*'))),
  ]
}
