// The YAML file of settings, taken apart into one raw value per setting. Reads text it is handed, never the disk.
import type { ListedSetting } from './list-settings.ts'
import { didYouMean } from './nearest-name.ts'
import { parseYaml, type YamlFile } from './yaml-text.ts'

/** What a file holds: raw values by setting name, and what is wrong with its shape, in words for a person. */
export interface SettingsFile {
  readonly values: ReadonlyMap<string, unknown>
  readonly problems: readonly string[]
}

/** Reads a settings file. */
export function readSettingsFile(file: YamlFile, listed: readonly ListedSetting[]): SettingsFile {
  const { content, problems: broken } = parseYaml(file)
  if (broken.length > 0) return { values: new Map(), problems: broken }
  if (content === '') return { values: new Map(), problems: [] }
  const values = new Map<string, unknown>()
  const problems: string[] = []
  collect(content, '')
  return { values, problems }

  function collect(group: unknown, prefix: string): void {
    if (!isMapping(group)) {
      problems.push(
        `${prefix.slice(0, -1) || 'The content'} in ${file.path}: expected \`name: value\` lines here.`,
      )
      return
    }
    for (const [key, value] of Object.entries(group)) {
      const name = `${prefix}${key}`
      if (listed.some((setting) => setting.name === name)) values.set(name, value)
      else if (listed.some((setting) => setting.name.startsWith(`${name}.`))) {
        if (value !== '') collect(value, `${name}.`)
      } else problems.push(`${name} in ${file.path}: there is no such setting.${suggest(name, key, listed)}`)
    }
  }
}

function suggest(name: string, key: string, listed: readonly ListedSetting[]): string {
  const [misplaced] = listed
    .filter((setting) => setting.name.endsWith(`.${key}`))
    .sort((one, other) => one.path.length - other.path.length)
  if (misplaced !== undefined) return ` Did you mean ${misplaced.name}?`
  const groups = listed.flatMap(({ path }) =>
    path.slice(0, -1).map((_, depth) => path.slice(0, depth + 1).join('.')),
  )
  return didYouMean(name, [...listed.map((setting) => setting.name), ...groups])
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
