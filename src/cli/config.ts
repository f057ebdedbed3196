// `quarry config`: prints the effective settings. Reads and shows, changes nothing.
import { styleText } from 'node:util'
import { describeSettings, type SettingRow } from '../settings/describe-settings.ts'
import { readSettings, type SettingsFlags } from './read-settings.ts'

/** The command `quarry config`. */
export async function config(flags: SettingsFlags & { readonly json?: true }): Promise<number> {
  const { settings, sources, warnings } = await readSettings('config', flags)
  const rows = describeSettings(settings, sources)
  process.stdout.write(flags.json ? `${JSON.stringify(rows, null, 2)}\n` : table(rows))
  for (const warning of warnings) process.stderr.write(`${warning}\n`)
  return 0
}

function table(rows: readonly SettingRow[]): string {
  const names = Math.max(...rows.map((row) => row.name.length))
  const values = Math.min(60, Math.max(...rows.map((row) => row.value.length)))
  const lines = rows.map(({ name, value, source, hint }) => {
    const line = [
      name.padEnd(names),
      value.padEnd(values),
      source,
      ...(hint === undefined ? [] : [hint]),
    ].join('  ')
    return source === 'default' || source === 'not set' ? dim(line) : line
  })
  return `${lines.join('\n')}\n`
}

// styleText leaves colours out when the stream is no terminal and when NO_COLOR is set.
function dim(text: string): string {
  return styleText('dim', text, { stream: process.stdout })
}
