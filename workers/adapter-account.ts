// The account in a lane's name, without asking AWS: an adapter does not, and loads nothing of AWS. Wiring only.

import { accountPseudonym } from '../src/accounts/account.ts'
import { makeAccountStore } from '../src/accounts/account-store.ts'
import { makeLaneAccount } from '../src/accounts/lane-account.ts'
import type { EnqueueParts } from '../src/enqueue/enqueue-jobs.ts'
import { credentialName, givenAccount } from '../src/job/credential.ts'
import { ruledCredential } from '../src/rules/credential-rules.ts'
import { saidAccount } from '../src/rules/named-accounts.ts'
import type { ProcessParts } from './role.ts'

/** How an adapter finds the account for a lane's name. */
export function makeAdapterAccount(parts: ProcessParts): EnqueueParts['account'] {
  const { settings, redis, keys, laneRules } = parts
  const store = settings.aws.accounts === 'sts' ? makeAccountStore(redis, keys) : null
  const accountOf = makeLaneAccount({ store, said: saidAccounts(parts), now: () => performance.now() })
  return (job, { region, credential: name }) => {
    if (region === null) return accountOf(name)
    const ruled = ruledCredential(laneRules.current().credentials, job, { region, names: name !== null })
    return ruled === null ? accountOf(name) : accountOf(credentialName(ruled), givenAccount(ruled))
  }
}

/** The accounts that the lanes file gives to access keys and API keys, by the names of credentials. */
export function saidAccounts({ laneRules }: ProcessParts): (name: string) => string | null {
  return (name) => saidAccount(laneRules.current().accounts, name, accountPseudonym(name))
}
