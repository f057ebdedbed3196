// `quarry lanes`: the lanes, how they are sent from, and what limits them. Reads and shows, changes nothing.
import { styleText } from 'node:util'
import type { LaneOverview } from '../control/lane-overview.ts'
import { COMMAND_TABLE } from './command-table.ts'
import { withLanes } from './control-session.ts'
import { writeHelp } from './help.ts'
import { laneTable, outageLines } from './lane-table.ts'
import { parseFlags } from './parse-flags.ts'

/** The command `quarry lanes [--json]`. */
export async function lanes(argv: readonly string[]): Promise<number> {
  const flags = parseFlags('lanes', argv, COMMAND_TABLE.lanes.flags)
  if (flags.switches.has('help')) return writeHelp('lanes')
  const found = await withLanes('lanes', flags, (session) => session.overview())
  if (flags.switches.has('json')) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
  else process.stdout.write(table(found))
  return 0
}

function table(found: readonly LaneOverview[]): string {
  if (found.length === 0) return 'No lane has been used in the last 24 hours.\n'
  const [titles = '', ...lines] = laneTable(found)
  // styleText leaves colours out when the stream is no terminal and when NO_COLOR is set.
  const head = styleText('bold', titles, { stream: process.stdout })
  const outages = outageLines(found)
  return `${[head, ...lines, ...(outages.length === 0 ? [] : ['', ...outages])].join('\n')}\n`
}
