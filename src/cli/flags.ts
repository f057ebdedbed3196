// Flags of commands, as commander reads them.
import { Argument, type Command, InvalidArgumentError, Option } from 'commander'

/** A flag with a value. Commander by itself would take the next flag for it, and an empty one. */
export function text(flags: string, description: string): Option {
  return new Option(flags, description).argParser(needed)
}

/** @throws InvalidArgumentError when there is no value. */
export function needed(value: string): string {
  if (value === '' || value.startsWith('--')) throw new InvalidArgumentError('It needs a value.')
  return value
}

export function wholeNumber(flags: string, description: string, minimum: number, maximum: number): Option {
  return new Option(flags, description).argParser((value) => {
    const count = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
    if (count >= minimum && count <= maximum) return count
    throw new InvalidArgumentError(`It takes a whole number from ${minimum} to ${maximum}.`)
  })
}

/** A figure of a pace; null for `none`. */
export function figure(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value) => {
    if (value === 'none') return null
    if (/^[1-9]\d{0,14}$/.test(value)) return Number(value)
    throw new InvalidArgumentError('It takes a whole number from 1 up, or none.')
  })
}

export const CONFIG = text('--config <file>', 'read settings from a YAML file; the environment wins over it')
export const JSON_OUTPUT = new Option('--json', 'as JSON')
/** Of the commands that run roles, or show their settings. */
export const SETTINGS = [
  CONFIG,
  text('--roles <list>', 'roles of this process: adapter, bedrock, ops (default: all three)'),
  text('--regions <list>', 'AWS regions whose lanes it works on (default: all)'),
  text('--port <port>', 'port of the server for health, metrics and control (default: 9400)'),
]
/** Of the commands that change lanes. */
export const LANES = [
  text('--account <pattern>', 'lanes whose account matches; `*` stands for any characters'),
  text('--region <pattern>', 'lanes whose region matches'),
  text('--model <pattern>', 'lanes whose model matches'),
  new Option('--all', 'every lane'),
  new Option('--dry-run', 'only show which lanes would be changed'),
  new Option('-y, --yes', 'ask nothing, also for several lanes'),
  text('--reason <text>', 'reason of the change, for the audit log'),
  CONFIG,
]
export const KEY = new Argument('<key>', 'key of the Zeebe job, as Operate and the log show it')

/** Makes an action of what gives an exit code. */
export type Ends = <Given extends unknown[]>(
  run: (...given: Given) => Promise<number>,
) => (...given: Given) => Promise<void>

/** @param summary - its line in the list of commands. */
export function addCommand(
  parent: Command,
  name: string,
  summary: string,
  options: readonly Option[] = [],
): Command {
  const command = parent.command(name).summary(summary).helpOption('-h, --help', 'this text')
  for (const option of options) command.addOption(option)
  return command
}

/** A command that only has commands below it. */
export function addGroup(parent: Command, name: string, summary: string): Command {
  return addCommand(parent, name, summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
    .helpCommand(false)
}
