// Words one mistake in the settings: the name, what is wrong with its value, and a valid example. Never shows the value of a
// secret.
import type { z } from 'zod'
import type { ListedSetting } from './list-settings.ts'
import { quotaEntry } from './quota-settings.ts'
import { maskValue } from './setting.ts'
import type { SettingSource } from './setting-source.ts'

/**
 * Words an issue of the schema. Messages of the schema complete "NAME: VALUE is not …" or, for a missing value,
 * "NAME: not set, but …".
 */
export function describeProblem(
  issue: z.core.$ZodIssue,
  listed: readonly ListedSetting[],
  sources: ReadonlyMap<string, SettingSource>,
): string {
  const setting = listed.find(({ path }) => path.every((key, depth) => issue.path[depth] === key))
  if (setting === undefined) return `${issue.path.join('.')}: ${issue.message}`
  const source = sources.get(setting.name) ?? { kind: 'unset' }
  const inside = issue.path.slice(setting.path.length)
  const place = `${setting.name}${inside.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('')}`
  const where = source.kind === 'file' ? `${place} in ${source.path}` : writtenName(setting, source)

  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(quotaEntry.shape).join(', ')
    return `${where}: there is no ${issue.keys.join(', ')} in an entry, which may have ${known}.`
  }
  const example = `For example: ${writeExample(setting, source)}`
  if (source.kind === 'unset') return `${where}: not set, but ${issue.message}. ${example}`
  return `${where}: ${shown(setting, issue.input)} is not ${issue.message}. ${example}`
}

function shown(setting: ListedSetting, value: unknown): string {
  return setting.facts.secret === 'whole'
    ? 'its value (not shown)'
    : maskValue(setting.facts, JSON.stringify(value))
}

function writtenName(setting: ListedSetting, source: SettingSource): string {
  if (source.kind === 'environment') return source.name
  if (source.kind === 'flag') return `--${source.name}`
  return setting.facts.environment[0] ?? setting.name
}

function writeExample(setting: ListedSetting, source: SettingSource): string {
  const { example } = setting.facts
  if (source.kind === 'file') {
    return setting.facts.environment.length === 0 ? example : `${setting.name.split('.').at(-1)}: ${example}`
  }
  const name = writtenName(setting, source)
  return source.kind === 'flag' ? `${name} ${example}` : `${name}=${example}`
}
