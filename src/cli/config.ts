// `quarry config`: prints the effective settings. Reads and shows, changes nothing.
import { styleText } from 'node:util'
import { describeSettings, type SettingRow } from '../settings/describe-settings.ts'
import { type OutputFlags, shown } from './output.ts'
import { readSettings, type SettingsFlags } from './read-settings.ts'

/** The command `quarry config`. */
export async function config(
  flags: SettingsFlags & OutputFlags & { readonly changed?: true },
): Promise<number> {
  const { settings, sources, warnings } = await readSettings('config', flags)
  const all = describeSettings(settings, sources)
  const rows = flags.changed ? all.filter(({ source }) => !isUnchanged(source)) : all
  process.stdout.write(shown(flags, rows, () => table(rows)))
  for (const warning of warnings) process.stderr.write(`${warning}\n`)
  return 0
}

function table(rows: readonly SettingRow[]): string {
  if (rows.length === 0) return 'Every setting has its default.\n'
  const names = Math.max(...rows.map((row) => row.name.length))
  const values = Math.min(60, Math.max('VALUE'.length, ...rows.map((row) => row.value.length)))
  const head = ['SETTING'.padEnd(names), 'VALUE'.padEnd(values), 'FROM'].join('  ')
  const lines = rows.map(({ name, value, source, hint }) => {
    const line = [
      name.padEnd(names),
      value.padEnd(values),
      source,
      ...(hint === undefined ? [] : [hint]),
    ].join('  ')
    return isUnchanged(source) ? dim(line) : line
  })
  return `${[styleText('bold', head, { stream: process.stdout }), ...lines].join('\n')}\n`
}

const isUnchanged = (source: string): boolean => source === 'default' || source.startsWith('not set')

// styleText leaves colours out when the stream is no terminal and when NO_COLOR is set.
function dim(text: string): string {
  return styleText('dim', text, { stream: process.stdout })
}
