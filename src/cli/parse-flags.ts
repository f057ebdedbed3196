// Flags of one sub-command, by node:util parseArgs, with messages for people. Pure.
import { parseArgs } from 'node:util'
import { didYouMean } from '../settings/nearest-name.ts'
import { UsageError } from './usage-error.ts'

/** What a flag takes: a text, or nothing. */
export type FlagKinds = Readonly<Record<string, 'text' | 'switch'>>

/** The flags that were given. */
export interface Flags {
  /** Values of text flags by name. */
  readonly texts: Readonly<Record<string, string>>
  /** Names of switches that are on. */
  readonly switches: ReadonlySet<string>
  /** What stands beside the flags. */
  readonly others: readonly string[]
}

/**
 * Reads the flags of a command, and at most `mostOthers` other arguments. `--help` (`-h`) is always known.
 * @throws UsageError for a flag that is not known, lacks its value or has one too many, and for an argument too many.
 */
export function parseFlags(
  command: string,
  argv: readonly string[],
  kinds: FlagKinds,
  mostOthers = 0,
): Flags {
  const all: FlagKinds = { ...kinds, help: 'switch' }
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries(Object.keys(kinds).map((name) => [name, { type: optionType(kinds[name]) }])),
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const texts: Record<string, string> = {}
  const switches = new Set<string>()
  const others: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (others.push(token.value) > mostOthers)
        throw new UsageError(`\`${token.value}\` is one argument too many.`, command)
      continue
    }
    if (token.kind === 'option-terminator') continue
    const { name, rawName, value } = token
    const kind = Object.hasOwn(all, name) ? all[name] : undefined
    if (kind === undefined) {
      const flags = Object.keys(all).map((known) => `--${known}`)
      throw new UsageError(`there is no flag ${rawName}.${didYouMean(rawName, flags)}`, command)
    }
    if (kind === 'switch') {
      if (value !== undefined) throw new UsageError(`${rawName} takes no value.`, command)
      switches.add(name)
    } else {
      if (value === undefined || value === '' || value.startsWith('--')) {
        throw new UsageError(`${rawName} needs a value.`, command)
      }
      texts[name] = value
    }
  }
  return { texts, switches, others }
}

function optionType(kind: FlagKinds[string] | undefined): 'string' | 'boolean' {
  return kind === 'text' ? 'string' : 'boolean'
}
