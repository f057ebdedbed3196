// The `quarry` command: runs one command line, and turns what it throws into a message and an exit code.
import { CommanderError } from 'commander'
import { makeProgram } from './program.ts'
import { UsageError } from './usage-error.ts'

/**
 * Runs one command line.
 *
 * @param argv - the arguments after `quarry`.
 * @returns the exit code: 0 done, 1 failed, 2 the command line is wrong; a command may have more.
 */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0
  const program = makeProgram((given) => {
    code = given
  })
  if (argv.length === 0) {
    program.outputHelp()
    return 0
  }
  const names = program.commands.map((command) => command.name())
  try {
    await program.parseAsync(asCommand(argv, names), { from: 'user' })
    return code
  } catch (error) {
    // Commander has written what is wrong, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof UsageError) {
      process.stderr.write(`quarry: ${error.message}\n`)
      return 2
    }
    process.stderr.write(`quarry: ${describeFailure(error)}\n`)
    return 1
  }
}

/** `help NAME` is `NAME --help`. Of an unknown name `--help` would show the overview, as if it had been asked for. */
function asCommand([first = '', ...rest]: readonly string[], names: readonly string[]): string[] {
  const [name = '--help', ...more] = first === 'help' ? [...rest, '--help'] : [first, ...rest]
  if (name === '-V' || name === 'version') return ['--version']
  const hint = GUESSES[name]
  if (hint !== undefined && !names.includes(name))
    throw new UsageError(`there is no command ${name}. ${hint}`)
  return name.startsWith('-') || names.includes(name) ? [name, ...more] : [name]
}

const LANES = 'See `quarry lanes`, with --watch for more than a glance.'
const JOBS = 'See `quarry jobs show KEY`, `quarry jobs find --instance KEY`, or `quarry jobs list LANE`.'
const LOGS = 'The log is the standard output of `quarry start`.'
/** What other tools call it, and where it is here. */
const GUESSES: Readonly<Record<string, string>> = {
  ...{ ls: LANES, list: LANES, ps: LANES, top: LANES, stats: LANES, queues: LANES, watch: LANES },
  ...{ get: `${LANES} ${JOBS}`, describe: JOBS, show: JOBS, job: JOBS, find: JOBS, search: JOBS },
  ...{ log: LOGS, logs: LOGS },
  status: `${LANES} \`quarry doctor\` checks what Quarry needs; each process answers /health.`,
  health:
    'Each process answers /health, /health/ready and /health/live. `quarry doctor` checks what Quarry needs.',
  check: 'See `quarry doctor`.',
  stop: 'End `quarry start` by SIGTERM: running calls may end. `quarry pause` keeps lanes from sending.',
  restart:
    'End `quarry start` by SIGTERM, and start it again: running calls may end, and what waits stays in Redis.',
  run: 'See `quarry start`, or `quarry demo` to try it.',
  up: 'See `quarry start`, or `quarry demo` to try it.',
  unpause: 'See `quarry resume`.',
  settings: 'See `quarry config`.',
  env: 'See `quarry config`.',
  history: 'See `quarry audit`.',
  changes: 'See `quarry audit`.',
}

// What the runtime throws by itself is a bug, and its stack is what helps; other errors are written for people.
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isBug = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind)
  return isBug ? (error.stack ?? error.message) : error.message
}
