// Masks the values of settings. Pure.
import type { SettingFacts } from './setting.ts'

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
