// Run as a process for expressions is: tries what such a process has no business with, and tells what came of it.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:inspector'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Worker } from 'node:worker_threads'

const ROOT = resolve(import.meta.dirname, '..', '..')
const TRIES: Readonly<Record<string, () => unknown>> = {
  'its own environment': () => readFileSync('/proc/self/environ'),
  'the environment of the worker': () => readFileSync(`/proc/${process.ppid}/environ`),
  'the memory of the worker': () => readFileSync(`/proc/${process.ppid}/mem`),
  'a mounted token': () => readdirSync('/var/run/secrets'),
  'a file of the project': () => readFileSync(join(ROOT, 'vitest.config.ts')),
  'a file by a way around': () => readFileSync(join(ROOT, 'src', 'feel', '..', '..', 'vitest.config.ts')),
  'to write a file': () => writeFileSync(join(tmpdir(), 'quarry-probe'), ''),
  'a process': () => spawnSync(process.execPath, ['--version']),
  'a thread': () => new Worker('', { eval: true }),
  'an inspector': () => open(0),
  'native code': () => process.dlopen({ exports: {} }, join(ROOT, 'node_modules', 'none.node')),
  'code out of a text': () =>
    createRequire(import.meta.url)('node:vm').runInThisContext('Function("return 1")')(),
  'its own code': () => readFileSync(join(ROOT, 'src', 'feel', 'child.ts')),
}

const told: Record<string, string> = {}
for (const [what, attempt] of Object.entries(TRIES)) {
  try {
    attempt()
    told[what] = 'done'
  } catch (error) {
    told[what] = error instanceof Error ? String('code' in error ? error.code : error.name) : String(error)
  }
}
process.send?.({ told, environment: Object.keys(process.env), proto: '__proto__' in {} })
