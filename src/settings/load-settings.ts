// Makes settings of the environment, flags and a file. Pure: callers pass the variables and the text of the file. Reports
// every mistake at once, and never shows the value of a secret.
import { deriveSettings } from './derive-settings.ts'
import { findVariable, unknownVariables } from './environment.ts'
import { withSpringNames } from './foreign.ts'
import { type ListedSetting, listSettings } from './list-settings.ts'
import type { Environment, SettingSource } from './setting-source.ts'
import { type Settings, settingsSchema } from './settings.ts'
import { readSettingsFile } from './settings-file.ts'
import { describeProblem } from './settings-problem.ts'
import { unreadNames } from './unread-names.ts'
import { unusedValues } from './unused-values.ts'
import { type FileValues, valuesInForce } from './variable-files.ts'

/** The sources of settings. A flag wins over the environment, the environment over the file. */
export interface SettingsInput {
  readonly env: Environment
  /** Values that files hold in place of variables. @default none */
  readonly variableFiles?: FileValues
  readonly file?: { readonly path: string; readonly text: string }
  /** Values of command line flags by flag name. */
  readonly flags?: Readonly<Record<string, string | undefined>>
}

/** Where each setting's value came from, by setting name. */
export type SettingSources = ReadonlyMap<string, SettingSource>

/** Thrown when settings are wrong. The message lists every problem, for people. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
  readonly code = 'SETTINGS_WRONG'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
    const verb = problems.length === 1 ? 'is' : 'are'
    super(
      `There ${verb} ${count} in the settings:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    )
    this.problems = problems
  }
}

/**
 * Makes the settings of this process.
 * @throws SettingsError when a value is wrong, a required one is missing, or a name is unknown.
 */
export function loadSettings({ variableFiles = new Map(), ...given }: SettingsInput): {
  readonly settings: Settings
  readonly sources: SettingSources
  /** One sentence for each variable that somebody may rely on and that has no effect. */
  readonly warnings: readonly string[]
} {
  const listed = listSettings()
  const held = valuesInForce(given.env, variableFiles)
  const values = [...held].map(([name, { value }]) => [name, value])
  const env = withSpringNames(given.env)
  const input = { ...given, held, env: { ...env, ...Object.fromEntries(values) } }
  const file = input.file === undefined ? undefined : readSettingsFile(input.file, listed)
  const sources = new Map<string, SettingSource>()
  const raw = new Map<string, unknown>()
  for (const setting of listed) {
    const { value, source } = findValue(setting, input, file?.values)
    if (value !== undefined) raw.set(setting.name, value)
    sources.set(setting.name, source)
  }
  deriveSettings({ raw, sources })

  const parsed = settingsSchema.safeParse(nest(listed, raw), { reportInput: true })
  const problems = [
    ...unknownVariables(input.env, listed),
    ...(file?.problems ?? []),
    ...(parsed.error?.issues ?? []).map((issue) => describeProblem(issue, listed, sources)),
  ]
  if (problems.length > 0 || !parsed.success) throw new SettingsError(problems)
  const warnings = [...unreadNames(input.env, listed), ...unusedValues(parsed.data, sources)]
  return { settings: parsed.data, sources, warnings }
}

function findValue(
  setting: ListedSetting,
  input: SettingsInput & { readonly held: FileValues },
  fileValues: ReadonlyMap<string, unknown> | undefined,
): { readonly value?: unknown; readonly source: SettingSource } {
  const flag = setting.facts.flag
  const flagValue = flag === undefined ? undefined : input.flags?.[flag]
  if (flag !== undefined && flagValue !== undefined) {
    return { value: flagValue, source: { kind: 'flag', name: flag } }
  }
  const variable = findVariable(setting, input.env)
  if (variable !== null) {
    const path = input.held.get(variable.name)?.path
    const source = {
      kind: 'environment',
      name: variable.name,
      ...(path === undefined ? {} : { path }),
    } as const
    return { value: variable.value, source }
  }
  const fileValue = fileValues?.get(setting.name)
  const fileSets = fileValue !== undefined && (fileValue !== '' || setting.facts.mayBeEmpty === true)
  if (fileSets && input.file !== undefined) {
    return { value: fileValue, source: { kind: 'file', path: input.file.path } }
  }
  return { source: { kind: setting.facts.default === undefined ? 'unset' : 'default' } }
}

type Nested = { [key: string]: unknown }

function nest(listed: readonly ListedSetting[], raw: ReadonlyMap<string, unknown>): Nested {
  const root: Nested = {}
  const groups = new Map<string, Nested>([['', root]])
  for (const { path, name } of listed) {
    let group = root
    for (const [depth, key] of path.slice(0, -1).entries()) {
      const place = path.slice(0, depth + 1).join('.')
      const next = groups.get(place) ?? {}
      groups.set(place, next)
      group[key] = next
      group = next
    }
    const key = path.at(-1)
    if (key !== undefined && raw.has(name)) group[key] = raw.get(name)
  }
  return root
}
