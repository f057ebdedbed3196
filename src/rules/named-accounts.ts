// AWS accounts in the lanes file: names for people, and the accounts of access keys that AWS is not asked about. Pure.
import type { AccountRule, LaneRules } from './lane-rules.ts'
import { matches } from './pattern.ts'

/**
 * The account that the lanes file gives an access key or an API key; null if none.
 * @param name - of the credential (`credentialName`).
 * @param pseudonym - stands for its unknown account.
 */
export function saidAccount(
  accounts: readonly AccountRule[] | undefined,
  name: string,
  pseudonym: string,
): string | null {
  const isTheirs = ({ accessKeys, apiKeys }: AccountRule) =>
    accessKeys?.includes(name) === true || apiKeys?.includes(pseudonym) === true
  return accounts?.find(isTheirs)?.id ?? null
}

/** The name of an account for people; null if it has none. */
export function accountTitle(accounts: readonly AccountRule[] | undefined, account: string): string | null {
  return accounts?.find(({ id }) => id === account)?.name ?? null
}

/** The rules, with the ids of accounts whose names match their patterns. */
export function withNamedAccounts(rules: LaneRules): LaneRules {
  const { accounts = [] } = rules
  const quotas = rules.quotas.map((rule) => {
    if (rule.account === undefined) return rule
    const named = accounts.filter(({ name }) => name !== undefined && matches(rule.account, name))
    return named.length === 0 ? rule : { ...rule, accountIds: named.map(({ id }) => id) }
  })
  return { ...rules, quotas }
}
