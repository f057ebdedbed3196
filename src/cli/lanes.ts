// `quarry lanes`: shows the lanes, their rates and their limits. Changes nothing.
import { styleText } from 'node:util'
import type { LaneOverview } from '../control/lane-overview.ts'
import { withLanes } from './control-session.ts'
import { laneTable, outageLines } from './lane-table.ts'
import { isWide, type OutputFlags, shown } from './output.ts'
import { printable } from './printable.ts'
import type { SettingsFlags } from './read-settings.ts'
import { showing, type WatchFlags } from './watch.ts'

/** The command `quarry lanes`. */
export async function lanes(flags: SettingsFlags & OutputFlags & WatchFlags): Promise<number> {
  await withLanes('lanes', flags, (session) =>
    showing(flags, async () => {
      const found = await session.overview()
      return shown(flags, found, () => table(found, session.unfit(found), isWide(flags)))
    }),
  )
  return 0
}

function table(found: readonly LaneOverview[], unfit: readonly string[], wide: boolean): string {
  if (found.length === 0) return 'No lane has been used in the last 24 hours.\n'
  const [titles = '', ...lines] = laneTable(found, wide)
  // styleText leaves colours out when the stream is no terminal and when NO_COLOR is set.
  const head = styleText('bold', titles, { stream: process.stdout })
  const notes = [
    ...outageLines(found),
    ...unfit.map((rule) => printable(`The lanes file has a rule that fits no lane shown here: ${rule}.`)),
  ]
  return `${[head, ...lines, ...(notes.length === 0 ? [] : ['', ...notes])].join('\n')}\n`
}
