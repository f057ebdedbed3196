// Recognises AWS's words for a quota that is used up for long. Pure.
import type { CallFailure } from './call-failure.ts'

/** A quota of the account: "You can resubmit your request later" (API_runtime_Converse.html#errors). */
export const QUOTA_EXCEEDED = 'ServiceQuotaExceededException'

const DAY = /\b(per day|daily)\b/i

/** The quota that is used up, as a clause for people; null for a throttle that ends within seconds. */
export function longQuota({ name, message }: Pick<CallFailure, 'name' | 'message'>): string | null {
  // "Too many tokens per day, please wait before trying again."
  if (DAY.test(message))
    return `the ${/tokens/i.test(message) ? 'tokens per day are' : 'quota of the day is'} used up`
  return name === QUOTA_EXCEEDED ? 'a quota of the account is used up' : null
}
