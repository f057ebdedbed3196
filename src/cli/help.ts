// What `quarry` says about itself. Static text on stdout: imports nothing that takes time to load.
import { styleText } from 'node:util'
import manifest from '../../package.json' with { type: 'json' }
import { COMMANDS } from './command-table.ts'
import { JOB_TEXTS } from './help-jobs.ts'
import { LANE_TEXTS } from './help-lanes.ts'
import { UsageError } from './usage-error.ts'

const OVERVIEW = `Runs Camunda 8's Amazon Bedrock connector at volume.

Usage: quarry COMMAND [flags]

Commands:
${[...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`).join('\n')}

Flags:
  -h, --help     this text; after a command, the flags of that command
  -v, --version  the version

Settings are environment variables or a YAML file; docs/settings.md lists them.
`

const SETTINGS_FLAGS = `  --config FILE    read settings from a YAML file; the environment wins over it
  --roles LIST     what this process does: adapter, bedrock, ops (default: all three)
  --regions LIST   AWS regions whose lanes it works on (default: all)
  --port PORT      port of the server for health, metrics and control (default: 9400)
`

const TEXTS: Readonly<Record<string, string>> = {
  ...LANE_TEXTS,
  ...JOB_TEXTS,
  start: `Takes jobs from Zeebe and calls Bedrock until it is asked to stop.

Usage: quarry start [flags]

Flags:
${SETTINGS_FLAGS}  -h, --help       this text

SIGTERM or Ctrl-C lets work in flight finish, for at most QUARRY_SHUTDOWN_GRACE; a second one stops at once.

Examples:
  quarry start
  quarry start --roles adapter,ops
  quarry start --roles bedrock --regions us-east-1 --config quarry.yaml
`,
  config: `Shows every setting, its value and where it came from. Secrets are masked.

Usage: quarry config [flags]

Flags:
  --json           as JSON
${SETTINGS_FLAGS}  -h, --help       this text

Ends with 1 when a setting is wrong, after saying which and why.
`,
}

/** The command `quarry help [COMMAND]`. */
export async function help(argv: readonly string[]): Promise<number> {
  const [command, extra] = argv
  if (extra !== undefined) throw new UsageError(`\`${extra}\` is one argument too many.`)
  if (command === 'demo') return (await import('./demo.ts')).demo(['--help'])
  if (command === 'sim') return (await import('./sim.ts')).sim(['--help'])
  if (command === undefined || ['help', '--help', '-h'].includes(command)) return writeHelp()
  if (!Object.hasOwn(TEXTS, command)) throw new UsageError(`there is no command ${command}.`)
  return writeHelp(command)
}

/** Prints the text of a command, or the overview; returns exit code 0. */
export function writeHelp(command?: string): number {
  const text = command === undefined ? OVERVIEW : (TEXTS[command] ?? OVERVIEW)
  process.stdout.write(text.replace(/^(Usage|Commands|Flags|Examples):/gm, (title) => bold(title)))
  return 0
}

/** Prints name and version; returns exit code 0. */
export function writeVersion(): number {
  process.stdout.write(`quarry ${manifest.version}\n`)
  return 0
}

// styleText leaves colours out when the stream is no terminal and when NO_COLOR is set.
function bold(text: string): string {
  return styleText('bold', text, { stream: process.stdout })
}
