// The YAML file of settings, taken apart into one raw value per setting. Reads text it is handed, never the disk.
import { LineCounter, parseDocument, type YAMLError } from 'yaml'
import type { ListedSetting } from './list-settings.ts'
import { didYouMean } from './nearest-name.ts'

/** What a file holds: raw values by setting name, and what is wrong with its shape, in words for a person. */
export interface SettingsFile {
  readonly values: ReadonlyMap<string, unknown>
  readonly problems: readonly string[]
}

/**
 * Reads a settings file. Every scalar stays the text that was written (`8.10` is not the number 8.1), so that a value
 * means the same here and in the environment.
 */
export function readSettingsFile(
  file: { readonly path: string; readonly text: string },
  listed: readonly ListedSetting[],
): SettingsFile {
  const lines = new LineCounter()
  // Pretty errors quote the line, and the line may hold a secret.
  const document = parseDocument(file.text, { schema: 'failsafe', prettyErrors: false, lineCounter: lines })
  const broken = [...document.errors, ...document.warnings].map(
    (error) => `${file.path}, line ${lines.linePos(error.pos[0]).line}: ${describeYamlError(error)}`,
  )
  if (broken.length > 0) return { values: new Map(), problems: broken }

  let content: unknown
  try {
    content = document.toJS()
  } catch {
    return { values: new Map(), problems: [`${file.path}: a value that starts with * needs quotes.`] }
  }
  if (content === null || content === '') return { values: new Map(), problems: [] }
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

// These two errors would quote the value, which may be a password.
function describeYamlError(error: YAMLError): string {
  if (error.code === 'TAG_RESOLVE_FAILED') return 'a value that starts with ! needs quotes.'
  if (error.code === 'BAD_ALIAS') return 'a value that starts with * or & needs quotes.'
  return `not YAML: ${error.message}.`
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
