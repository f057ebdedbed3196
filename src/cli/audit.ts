// `quarry audit`: shows the latest changes of operators. Changes nothing.
import type { AuditEntry } from '../control/audit-log.ts'
import { parseLaneName } from '../job/lane.ts'
import { withLanes } from './control-session.ts'
import { type OutputFlags, shown } from './output.ts'
import { printable } from './printable.ts'
import type { SettingsFlags } from './read-settings.ts'

/** Named in full; of more lanes only their number. */
const FEW = 3

/** The command `quarry audit`. */
export async function audit(
  flags: SettingsFlags & OutputFlags & { readonly limit: number },
): Promise<number> {
  const entries = await withLanes('audit', flags, (session) => session.audit(flags.limit))
  process.stdout.write(
    shown(flags, entries, () =>
      entries.length === 0 ? 'Nobody has changed anything.\n' : `${entries.map(line).join('\n')}\n`,
    ),
  )
  return 0
}

function line({ atMs, by, action, change, lanes, reason }: AuditEntry): string {
  const names = lanes.map((name) => {
    const { account, region, model } = parseLaneName(name)
    return `${account}@${region}@${model}`
  })
  const which = names.length > FEW ? `${names.length} lanes` : names.join(', ')
  const why = reason === undefined ? '' : ` (${reason})`
  const when = new Date(atMs).toISOString().replace('T', ' ').slice(0, 19)
  return printable(`${when}Z  ${by}  ${action}: ${change}${why}  ${which}`).trimEnd()
}
