// Starts a process that may only evaluate, since its expressions come from diagrams. It has no environment (ours holds
// credentials) and no output (which could hold payloads). Node's permission model allows it to read its own code, and forbids
// other files, processes, threads and native code. Node has no such switch for the network and for signals.
import { type ChildProcess, fork } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @param script - path of its module, which communicates by messages.
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
      // Deleted, not forbidden: a variable may have that name.
      '--disable-proto=delete',
    ],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

/** The files that it loads, and nothing else of the project's folder, which may hold a file of settings. */
function readable(): string[] {
  const source = fileURLToPath(new URL('..', import.meta.url))
  const library = findPackageJSON('lezer-feel', import.meta.url)
  if (library === undefined) throw new Error('lezer-feel is not installed: run `npm ci`.')
  const packages = resolve(dirname(library), '..')
  return [
    resolve(source, 'feel', '*'),
    resolve(source, 'job', '*'),
    resolve(source, '..', 'package.json'),
    // All packages, by the folder and by the target of a link to it: they hold no secret, and which of them depend on which
    // others changes with their versions.
    ...new Set([packages, realpathSync(packages)].map((path) => resolve(path, '*'))),
  ]
}
