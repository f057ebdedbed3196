// The `quarry` command: picks the sub-command and turns what it throws into a message and an exit code.
// Sub-commands are imported when they run, so that --help and --version answer at once.
import type { CommandName } from './command-table.ts'
import { UsageError } from './usage-error.ts'

type Command = (argv: readonly string[]) => Promise<number>

const LOAD = {
  start: async () => (await import('./start.ts')).start,
  demo: async () => (await import('./demo.ts')).demo,
  sim: async () => (await import('./sim.ts')).sim,
  config: async () => (await import('./config.ts')).config,
  doctor: async () => (await import('./doctor.ts')).doctor,
  lanes: async () => (await import('./lanes.ts')).lanes,
  jobs: async () => (await import('./jobs.ts')).jobs,
  retry: async () => (await import('./jobs.ts')).retry,
  pace: async () => (await import('./steer.ts')).pace,
  pause: async () => (await import('./steer.ts')).pause,
  drain: async () => (await import('./steer.ts')).drain,
  resume: async () => (await import('./steer.ts')).resume,
  quota: async () => (await import('./quota.ts')).quota,
  dashboard: async () => (await import('./dashboard.ts')).dashboard,
  completion: async () => (await import('./completion.ts')).completion,
  help: async () => (await import('./help.ts')).help,
} satisfies Record<CommandName, () => Promise<Command>>

const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map(Object.entries(LOAD))

/**
 * Runs one command line.
 *
 * @param argv - the arguments after `quarry`.
 * @returns the exit code: 0 done, 1 failed, 2 the command line is wrong; a command may have more.
 */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    return await run(argv)
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`quarry: ${error.message}\n`)
      return 2
    }
    process.stderr.write(`quarry: ${describeFailure(error)}\n`)
    return 1
  }
}

async function run(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h') {
    const { writeHelp } = await import('./help.ts')
    return writeHelp()
  }
  if (name === '--version' || name === '-v') {
    const { writeVersion } = await import('./help.ts')
    return writeVersion()
  }
  const load = COMMANDS.get(name)
  if (load === undefined) {
    const { didYouMean } = await import('../settings/nearest-name.ts')
    const kind = name.startsWith('-') ? 'flag' : 'command'
    const known = kind === 'flag' ? ['--help', '--version'] : [...COMMANDS.keys()]
    throw new UsageError(`there is no ${kind} ${name}.${didYouMean(name, known)}`)
  }
  const command = await load()
  return command(rest)
}

// What the runtime throws by itself is a bug, and its stack is what helps; other errors are written for people.
function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isBug = [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind)
  return isBug ? (error.stack ?? error.message) : error.message
}
