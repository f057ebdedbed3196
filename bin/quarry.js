#!/usr/bin/env node
// The `quarry` command. Plain JavaScript that any Node can run: on one that cannot run TypeScript, or before the packages are
// installed, it prints what to do; otherwise it runs the command in this process.
import { existsSync } from 'node:fs'
import module from 'node:module'

/** MB. */
const MAX_SEMI_SPACE_MB = 16

const [major = 0] = process.versions.node.split('.').map(Number)
/** A clone has the sources, which Node runs as they are; an installed package has JavaScript made of them. */
const isClone = existsSync(new URL('../src/', import.meta.url))
const [folder, ending] = isClone ? ['../src/cli', 'ts'] : ['../dist/src/cli', 'js']

if (isClone && !existsSync(new URL('../node_modules/', import.meta.url))) {
  fail('the packages it needs are not installed. Run `npm ci` first.')
} else if (major < 24) {
  const how = isClone ? 'It includes Node 24: run it with `npx quarry` from its folder.' : 'Install Node 24.'
  fail(`this is Node ${process.versions.node}, and Quarry needs 24 or later. ${how}`)
} else {
  const argv = process.argv.slice(2)
  if (argv[0] === 'start') keepYoungSmall()
  // Halves the time of all starts but the first. Does nothing where it cannot write.
  module.enableCompileCache()
  const { main } = await import(`${folder}/quarry.${ending}`)
  // Ends the process even if something still listens: the command has stopped what it started.
  process.exit(argv[0] === 'start' ? await main(argv) : await shown(main, argv))
}

/**
 * Runs a command, and returns its exit code once its reader has taken its output. Not for `start`: its log writes to a blocking
 * pipe, which Node's streams would make non-blocking.
 */
async function shown(main, argv) {
  const { watchOutput } = await import(`${folder}/output-watch.${ending}`)
  const output = watchOutput(process.stdout)
  const errors = watchOutput(process.stderr)
  const code = await main(argv)
  const lost = await output.taken()
  if (lost !== null) process.stderr.write(`quarry: the output could not be written: ${lost.message}.\n`)
  await errors.taken()
  return lost === null ? code : code || 1
}

/**
 * Runs this process anew with a bound on V8's young generation, under the same pid. By default a worker under load gets three times 32 MB for
 * it, most of it empty; the bound can be set only when a process starts. Does nothing if the environment or the command sets one, or where
 * Node cannot replace a process (Windows).
 */
function keepYoungSmall() {
  const option = '--max-semi-space-size'
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? '']
  if (process.execve === undefined || given.some((text) => text.includes(option))) return
  const node = process.execPath
  process.execve(
    node,
    [node, `${option}=${MAX_SEMI_SPACE_MB}`, ...process.execArgv, ...process.argv.slice(1)],
    process.env,
  )
}

function fail(problem) {
  process.stderr.write(`quarry: ${problem}\n`)
  process.exitCode = 1
}
