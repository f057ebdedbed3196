// `quarry lanes`: shows the lanes, their rates and their limits. Changes nothing.
import { styleText } from 'node:util'
import type { LaneOverview } from '../control/lane-overview.ts'
import { withLanes } from './control-session.ts'
import { laneTable, outageLines } from './lane-table.ts'
import { printable } from './printable.ts'
import type { SettingsFlags } from './read-settings.ts'

/** The command `quarry lanes`. */
export async function lanes(flags: SettingsFlags & { readonly json?: true }): Promise<number> {
  const { found, unfit } = await withLanes('lanes', flags, async (session) => {
    const lanes = await session.overview()
    return { found: lanes, unfit: session.unfit(lanes) }
  })
  if (flags.json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
  else process.stdout.write(table(found, unfit))
  return 0
}

function table(found: readonly LaneOverview[], unfit: readonly string[]): string {
  if (found.length === 0) return 'No lane has been used in the last 24 hours.\n'
  const [titles = '', ...lines] = laneTable(found)
  // styleText leaves colours out when the stream is no terminal and when NO_COLOR is set.
  const head = styleText('bold', titles, { stream: process.stdout })
  const notes = [
    ...outageLines(found),
    ...unfit.map((rule) => printable(`The lanes file has a rule that fits no lane shown here: ${rule}.`)),
  ]
  return `${[head, ...lines, ...(notes.length === 0 ? [] : ['', ...notes])].join('\n')}\n`
}
