// The facts of one setting besides its type: where it may be set, how it is explained, whether it is a secret.
// They are registered on its zod schema, so that reading, printing and the documentation cannot disagree.
import { z } from 'zod'
import type { Translate } from './foreign.ts'

/** The facts of one setting. */
export interface SettingFacts {
  /** Environment variables that set it, the strongest first; empty when only the file can. */
  readonly environment: readonly string[]
  /** Weaker names: older ones, and other spellings. Read, but not shown. */
  readonly aliases?: readonly string[]
  /** Converts the values of variables that other products write in a form of their own, by variable. */
  readonly translate?: Readonly<Record<string, Translate>>
  /** Whether a list may also come as `NAME_0`, `NAME_1`, …, as Spring takes it. */
  readonly indexed?: true
  /** Command line flag of `quarry start`, without the dashes. */
  readonly flag?: string
  /** One sentence for the documentation. */
  readonly doc: string
  /** A valid value, as written in the environment or, for a setting of the file only, in the file. */
  readonly example: string
  /** The value when nothing sets it, as written; absent when the setting is then unset. */
  readonly default?: string
  /** Whether an empty value counts; otherwise it means unset. */
  readonly mayBeEmpty?: true
  /** What is masked: the whole value, or the user name and password inside a URL. */
  readonly secret?: 'whole' | 'credentials'
}

/** The facts by schema. A schema in it is a setting; an object schema that is not in it is a group of settings. */
export const settingFacts = z.registry<SettingFacts>()

/** A setting that always has a value. */
export function setting<Value>(
  schema: z.ZodType<Value, string | readonly string[]>,
  facts: SettingFacts & { readonly default: string },
) {
  return schema.prefault(facts.default).register(settingFacts, facts)
}

/** A setting without a default: its key is absent when nothing sets it. */
export function optionalSetting<Schema extends z.ZodType>(
  schema: Schema,
  facts: SettingFacts & { readonly default?: never },
) {
  const optional = z.exactOptional(schema)
  settingFacts.add(optional, facts)
  return optional
}

const MASK = '***'

/** The value as it may be shown: hidden when it is a secret, without user name and password when it is a URL. */
export function maskValue(facts: SettingFacts, value: string): string {
  if (facts.secret === 'whole') return MASK
  if (facts.secret !== 'credentials') return value
  // Masks up to the last @, in invalid URLs too: a password may hold any character, and messages show invalid values.
  return value
    .replace(/^(\W*)([a-z][a-z0-9+.-]*:\/\/)?.*@/is, `$1$2${MASK}@`)
    .replace(/([?&](?:password|username|secret|token)=)[^&#"]*/gi, `$1${MASK}`)
}
