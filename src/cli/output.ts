// How a command shows what it read: as text for people, or as data for programs.
import { Option } from 'commander'
import { stringify } from 'yaml'
import { JSON_OUTPUT } from './flags.ts'

/** The flags of a command that shows data. */
export interface OutputFlags {
  /** The same as `-o json`. */
  readonly json?: true
  readonly output?: 'json' | 'yaml' | 'wide'
}

const DATA = ['json', 'yaml']

/** Of a command whose text has one form. */
export const OUTPUT = [JSON_OUTPUT, new Option('-o, --output <format>', 'as data').choices(DATA)]
/** Of a command whose table has more columns when it is wide. */
export const WIDE_OUTPUT = [
  JSON_OUTPUT,
  new Option('-o, --output <format>', 'as data, or with all columns').choices([...DATA, 'wide']),
]

/** Whether the text has all columns. */
export const isWide = ({ output }: OutputFlags): boolean => output === 'wide'

/** A command's answer, with the last line end. @param text - what people see. */
export function shown({ json, output }: OutputFlags, value: unknown, text: () => string): string {
  if (json || output === 'json') return `${JSON.stringify(value, null, 2)}\n`
  // Through JSON, so that both forms have the same members.
  if (output === 'yaml') return stringify(JSON.parse(JSON.stringify(value)), { aliasDuplicateObjects: false })
  return text()
}

/** Whether a program reads it. */
export const isData = ({ json, output }: OutputFlags): boolean =>
  json === true || output === 'json' || output === 'yaml'
