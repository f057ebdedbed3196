// The flags of `npm run bench -- pace`.
import { parseArgs } from 'node:util'

export const CONTENDERS = ['quarry', 'sdk-standard', 'sdk-adaptive'] as const
export type ContenderName = (typeof CONTENDERS)[number]

export interface BenchOptions {
  /** One short run of each scenario, as a check that they work. Nothing is written. */
  readonly quick: boolean
  /** Names of scenarios; empty for all. */
  readonly only: readonly string[]
  /** Results are only written if all contenders ran. */
  readonly contenders: readonly ContenderName[]
}

export const HELP = `Benchmarks of the pace: Quarry beside two plain workers, on one engine, Redis and Bedrock stand-in

Usage: npm run bench -- [pace] [--quick] [--only <scenario>[,<scenario>]] [--contender <name>]

  --quick             short runs, one of each: does it work; nothing is written
  --only <names>      these scenarios, with a comma between them; their results replace the earlier ones
  --contender <name>  ${CONTENDERS.join(', ')}; nothing is written
  --list              the scenarios

Without --quick and --contender the results go to bench/results/pace.json and docs/benchmarks.md.`

/**
 * @returns null for help, `list` for the list of scenarios.
 * @throws Error that names the fault of a flag.
 */
export function parseOptions(
  argv: readonly string[],
  scenarios: readonly string[],
): BenchOptions | 'list' | null {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      contender: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return null
  if (values.list) return 'list'
  const only = values.only.split(',').filter((name) => name !== '')
  const unknown = only.find((name) => !scenarios.includes(name))
  if (unknown !== undefined) {
    throw new Error(`There is no scenario ${JSON.stringify(unknown)}. There are ${scenarios.join(', ')}.`)
  }
  const contender = CONTENDERS.find((name) => name === values.contender)
  if (contender === undefined && values.contender !== undefined) {
    throw new Error(
      `There is no contender ${JSON.stringify(values.contender)}. There are ${CONTENDERS.join(', ')}.`,
    )
  }
  return { quick: values.quick, only, contenders: contender === undefined ? CONTENDERS : [contender] }
}
