// Every command with its flags, help and action: commander parses by it and prints its help, and completion reads it.
// The code of a command is imported when it runs, so that --help answers at once.
import { styleText } from 'node:util'
import { Argument, Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { addChanging } from './add-changing.ts'
import { addReading } from './add-reading.ts'
import { addRunning } from './add-running.ts'
import { addCommand, addGroup, CONFIG, type Ends, text } from './flags.ts'

/** @param ended - gets the exit code of the command that ran. */
export function makeProgram(ended: (code: number) => void): Command {
  const ends: Ends =
    (run) =>
    async (...given) =>
      ended(await run(...given))
  const program = new Command('quarry')
    .description("Runs Camunda 8's Amazon Bedrock connector at volume.")
    .usage('COMMAND [flags]')
    .version(`quarry ${manifest.version}`, '-v, --version', 'the version')
    .helpOption('-h, --help', 'this text; after a command, the flags of that command')
    .helpCommand('help [command...]', 'this text, or that of a command: quarry help start')
    .exitOverride()
    .configureOutput({ outputError: (problem, write) => write(worded(problem)) })
    .configureHelp({
      // styleText leaves colours out when the stream is no terminal and when NO_COLOR is set.
      styleTitle: (title) => styleText('bold', title, { stream: process.stdout }),
      subcommandTerm: (command) => command.name(),
    })
    .addHelpText('after', '\nSettings are environment variables or a YAML file; docs/settings.md lists them.')
  addRunning(program, ends)
  addReading(program, ends)
  addChanging(program, ends)
  addTools(program, ends)
  pointToHelp(program, 'quarry')
  return program
}

function addTools(program: Command, ends: Ends): void {
  const quota = addGroup(program, 'quota', 'read quotas from AWS into a file of lane rules')
  addCommand(quota, 'import', 'read the quotas of an account', [
    text('--region <list>', 'regions to read, separated by commas (default: QUARRY_REGIONS, or AWS_REGION)'),
    text('--out <file>', 'file to write, replacing an existing one (default: standard output)'),
    CONFIG,
  ])
    .description(
      'Reads the Amazon Bedrock quotas of an account from AWS Service Quotas, and writes a file for QUARRY_LANES_FILE.',
    )
    .addHelpText(
      'after',
      `
Uses the AWS credentials of the environment, which need servicequotas:ListServiceQuotas. Quotas of unknown models
are listed as comments.

Exit codes: 0 done, 1 failed, 2 wrong command line.`,
    )
    .action(ends(async (flags) => (await import('./quota.ts')).importQuota(flags)))

  const dashboard = addGroup(program, 'dashboard', 'make the hash of a password for the dashboard')
  addCommand(dashboard, 'hash', 'make the hash')
    .description(
      'Makes the hash of a password, for QUARRY_DASHBOARD_USERS: name:role:HASH. It reads the password from standard input, or asks for it on a terminal.',
    )
    .addHelpText(
      'after',
      `
Examples:
  quarry dashboard hash
  openssl rand -base64 18 | tee password | quarry dashboard hash

Exit codes: 0 done, 2 no password or wrong command line.`,
    )
    .action(ends(async () => (await import('./dashboard.ts')).dashboardHash()))

  addCommand(program, 'completion', 'print a script that completes these commands in a shell')
    .description('Prints a script that completes commands and flags of quarry in a shell.')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      `
Examples:
  source <(quarry completion bash)       in ~/.bashrc
  source <(quarry completion zsh)        in ~/.zshrc, after compinit
  quarry completion fish | source        in ~/.config/fish/config.fish`,
    )
    .action(ends(async (shell) => (await import('./completion.ts')).completion(shell, program)))
}

/** Names, after each error, the command whose help answers it. */
function pointToHelp(command: Command, path: string): void {
  command.showHelpAfterError(`Run \`${path} --help\` for its commands and flags.`)
  for (const each of command.commands) pointToHelp(each, `${path} ${each.name()}`)
}

/** What commander says of a wrong command line, in the form of all errors of `quarry`. */
function worded(problem: string): string {
  return `quarry: ${problem.replace(/^error: /, '').replace(/\n(?=\()/, ' ')}`
}
