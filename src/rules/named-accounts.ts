// What an operator says of AWS accounts in the file of lane rules: names for people, and keys whose account nobody else tells. Pure.
import type { AccountRule, LaneRules } from './lane-rules.ts'
import { matches } from './pattern.ts'

/** The account that an access key is said to be of; null: none. */
export function saidAccount(accounts: readonly AccountRule[] | undefined, accessKey: string): string | null {
  return accounts?.find(({ accessKeys }) => accessKeys?.includes(accessKey))?.id ?? null
}

/** What an account is called; null: nothing but what it is in names of lanes. */
export function accountTitle(accounts: readonly AccountRule[] | undefined, account: string): string | null {
  return accounts?.find(({ id }) => id === account)?.name ?? null
}

/** The rules with the accounts that their patterns mean by name, too. */
export function withNamedAccounts(rules: LaneRules): LaneRules {
  const { accounts = [] } = rules
  const quotas = rules.quotas.map((rule) => {
    if (rule.account === undefined) return rule
    const named = accounts.filter(({ name }) => name !== undefined && matches(rule.account, name))
    return named.length === 0 ? rule : { ...rule, accountIds: named.map(({ id }) => id) }
  })
  return { ...rules, quotas }
}
