// The account in the lane name that an adapter chooses. An adapter has no secret to ask STS with. It uses the account that workers stored,
// else the one that an operator configured, else a pseudonym of the key, until a worker moves the job.
import { accessKeyPseudonym, OWN_ACCOUNT } from './account.ts'
import type { AccountStore } from './account-store.ts'

/** @param accessKey - null for Quarry's own credentials. */
export type LaneAccount = (accessKey: string | null) => Promise<string>

interface LaneAccountParts {
  /** Null if STS is not asked. */
  readonly store: Pick<AccountStore, 'read'> | null
  /** The account that an operator configured for a key; null: none. */
  readonly said: (accessKey: string) => string | null
  /** ms, from any start. */
  readonly now: () => number
}

const KNOWN_MS = 2_000
const MOST_KNOWN = 2_000

export function makeLaneAccount({ store, said, now }: LaneAccountParts): LaneAccount {
  const known = new Map<string, { readonly account: Promise<string | null>; readonly untilMs: number }>()
  const read = (accessKey: string): Promise<string | null> => {
    const last = known.get(accessKey)
    if (last !== undefined && now() < last.untilMs) return last.account
    if (known.size >= MOST_KNOWN) known.clear()
    const account = store?.read(accessKey) ?? Promise.resolve(null)
    known.set(accessKey, { account, untilMs: now() + KNOWN_MS })
    account.catch(() => known.delete(accessKey))
    return account
  }
  return async (accessKey) => {
    if (accessKey === null) return OWN_ACCOUNT
    return (await read(accessKey)) ?? said(accessKey) ?? accessKeyPseudonym(accessKey)
  }
}
