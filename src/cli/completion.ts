// `quarry completion`: a script for a shell, on standard output.

import { COMMAND_TABLE } from './command-table.ts'
import { completionScript, SHELLS } from './completion-scripts.ts'
import { writeHelp } from './help.ts'
import { parseFlags } from './parse-flags.ts'
import { UsageError } from './usage-error.ts'

/** The command `quarry completion bash|zsh|fish`. */
export async function completion(argv: readonly string[]): Promise<number> {
  const flags = parseFlags('completion', argv, COMMAND_TABLE.completion.flags, 1)
  if (flags.switches.has('help')) return writeHelp('completion')
  const shell = SHELLS.find((each) => each === flags.others[0])
  if (shell === undefined)
    throw new UsageError(`for which shell? There are ${SHELLS.join(', ')}.`, 'completion')
  process.stdout.write(completionScript(shell))
  return 0
}
