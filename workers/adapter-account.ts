// The account in a lane's name, without asking AWS: an adapter does not, and loads nothing of AWS. Wiring only.

import { makeAccountStore } from '../src/accounts/account-store.ts'
import { makeLaneAccount } from '../src/accounts/lane-account.ts'
import type { EnqueueParts } from '../src/enqueue/enqueue-jobs.ts'
import { saidAccount } from '../src/rules/named-accounts.ts'
import type { ProcessParts } from './role.ts'

/** How an adapter finds the account for a lane's name. */
export function makeAdapterAccount(parts: ProcessParts): EnqueueParts['account'] {
  const { settings, redis, keys } = parts
  const store = settings.aws.accounts === 'sts' ? makeAccountStore(redis, keys) : null
  return makeLaneAccount({ store, said: saidAccounts(parts), now: () => performance.now() })
}

/** The accounts that the lanes file gives to access keys. */
export function saidAccounts({ laneRules }: ProcessParts): (accessKey: string) => string | null {
  return (accessKey) => saidAccount(laneRules.current().accounts, accessKey)
}
