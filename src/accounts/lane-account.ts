// The account in the lane name that an adapter chooses. An adapter has no secret to ask STS with. It uses the account that workers stored,
// else the one that an operator configured, else a pseudonym of the credential, until a worker moves the job.
import { accountPseudonym, OWN_ACCOUNT } from './account.ts'
import type { AccountStore } from './account-store.ts'

/**
 * @param name - of the credential; null for Quarry's own.
 * @param given - the account that a rule gives it.
 */
export type LaneAccount = (name: string | null, given?: string | null) => Promise<string>

interface LaneAccountParts {
  /** Null if STS is not asked. */
  readonly store: Pick<AccountStore, 'read'> | null
  /** The account that an operator configured for a credential's name; null: none. */
  readonly said: (name: string) => string | null
  /** ms, from any start. */
  readonly now: () => number
}

const KNOWN_MS = 2_000
const MOST_KNOWN = 2_000

export function makeLaneAccount({ store, said, now }: LaneAccountParts): LaneAccount {
  const known = new Map<string, { readonly account: Promise<string | null>; readonly untilMs: number }>()
  const read = (name: string): Promise<string | null> => {
    const last = known.get(name)
    if (last !== undefined && now() < last.untilMs) return last.account
    if (known.size >= MOST_KNOWN) known.clear()
    const account = store?.read(name) ?? Promise.resolve(null)
    known.set(name, { account, untilMs: now() + KNOWN_MS })
    account.catch(() => known.delete(name))
    return account
  }
  return async (name, given = null) => {
    if (name === null) return OWN_ACCOUNT
    return (await read(name)) ?? given ?? said(name) ?? accountPseudonym(name)
  }
}
