// What is known of one setting besides its type: where it may be set, how it is explained, whether it is a secret.
// The facts hang on the zod schema itself, so that reading, printing and the documentation cannot disagree.
import { z } from 'zod'
import type { Translate } from './foreign-values.ts'

/** The facts of one setting. */
export interface SettingFacts {
  /** Environment variables that set it, the strongest first; empty when only the file can. */
  readonly environment: readonly string[]
  /** More names, weaker than those: older ones, and other spellings. Read, but not shown. */
  readonly aliases?: readonly string[]
  /** How to read the names that other products write in a form of their own. */
  readonly translate?: Readonly<Record<string, Translate>>
  /** Whether a list may also come as `NAME_0`, `NAME_1`, …, as Spring takes it. */
  readonly indexed?: true
  /** Command line flag of `quarry start`, without the dashes. */
  readonly flag?: string
  /** One sentence for the documentation. */
  readonly doc: string
  /** A right value, as it is written in the environment or, for a setting of the file only, in the file. */
  readonly example: string
  /** The value when nothing sets it, as it would be written; absent when the setting is then unset. */
  readonly default?: string
  /** Whether an empty value is one; else it counts as unset. */
  readonly mayBeEmpty?: true
  /** What is never shown: the whole value, or the user name and password inside a URL. */
  readonly secret?: 'whole' | 'credentials'
}

/** The facts by schema: a schema found here is a setting, an object schema that is not is a group of settings. */
export const settingFacts = z.registry<SettingFacts>()

/** A setting that always has a value. */
export function setting<Value>(
  schema: z.ZodType<Value, string | readonly string[]>,
  facts: SettingFacts & { readonly default: string },
) {
  return schema.prefault(facts.default).register(settingFacts, facts)
}

/** A setting that may be left out; then the key is absent. */
export function optionalSetting<Schema extends z.ZodType>(
  schema: Schema,
  facts: SettingFacts & { readonly default?: never },
) {
  const optional = z.exactOptional(schema)
  settingFacts.add(optional, facts)
  return optional
}
