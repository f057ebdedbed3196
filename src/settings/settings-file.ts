// Splits the YAML file of settings into one raw value per setting. Pure.
import type { ListedSetting } from './list-settings.ts'
import { didYouMean } from './nearest-name.ts'
import { parseYaml, type YamlFile } from './yaml-text.ts'

/** Raw values by setting name, and problems of the file's shape, for people. */
interface SettingsFile {
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
