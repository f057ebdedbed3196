// Lists every setting, in the order of the schema, for reading, printing and the documentation.
import { z } from 'zod'
import { type SettingFacts, settingFacts } from './setting.ts'
import { settingsSchema } from './settings.ts'

/** One setting and its place. */
export interface ListedSetting {
  /** Its keys in `Settings`: `['aws', 'callTimeoutMs']`. */
  readonly path: readonly string[]
  /** Its place in the file: `aws.callTimeout`. */
  readonly name: string
  readonly facts: SettingFacts
}

/** Lists all settings. */
export function listSettings(): readonly ListedSetting[] {
  return listGroup(settingsSchema, [])
}

function listGroup(group: z.ZodObject, path: readonly string[]): ListedSetting[] {
  return Object.entries(group.shape).flatMap(([key, schema]) => {
    const here = [...path, key]
    const facts = settingFacts.get(schema)
    if (facts !== undefined) return [{ path: here, name: fileName(here), facts }]
    if (schema instanceof z.ZodObject) return listGroup(schema, here)
    throw new TypeError(`settings.ts: ${here.join('.')} is neither a setting nor a group of settings`)
  })
}

// In code a number has its unit in the name; in the file the value carries the unit.
function fileName(path: readonly string[]): string {
  return path.join('.').replace(/Ms$/, '')
}
