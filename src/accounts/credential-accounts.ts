// The account of a call's credential, from AWS STS. Only a caller that knows the secret of a key, or may assume a role, gets into the lanes of
// its account. STS does not know API keys, and a rule's role names its account itself: STS is not asked about these.
import { type Credential, credentialName, givenAccount, isApiKey } from '../job/credential.ts'
import { keepLatest } from '../job/keep-latest.ts'
import { waitAtMost } from '../time/bounded-wait.ts'
import { accountPseudonym, OWN_ACCOUNT, UNPROVEN } from './account.ts'
import { type AccountAnswersParts, makeAccountAnswers } from './account-answers.ts'
import type { AccountStore } from './account-store.ts'
import type { ProvenCredentials } from './proven-credentials.ts'

interface CredentialAccounts {
  /** The account for the call's lane name. Never rejects, and waits for STS a few seconds at the most. */
  of(credential: Credential, region: string): Promise<string>
}

interface CredentialAccountsParts extends Omit<AccountAnswersParts, 'onAnswer'> {
  /** `keys`: STS is not asked, and each key without an account in {@link said} has its own lanes. */
  readonly by: 'sts' | 'keys'
  /** The account that an operator configured for a credential's name; null: none. */
  readonly said: (name: string) => string | null
  /** The region whose STS to ask for a call to a region. */
  readonly stsRegion: (region: string) => string
  readonly store: Pick<AccountStore, 'write'>
  /** Learns which keys of diagrams STS accepts and refuses. */
  readonly proven: Pick<ProvenCredentials, 'accepted' | 'refused'>
  readonly onFault: (error: unknown) => void
  /** How long a job waits for STS, ms. @default 5_000 */
  readonly patienceMs?: number
}

const PATIENCE_MS = 5_000
/**
 * Looking for own credentials takes seconds if there are none. A job that does not wait for that may use the lane of its account's number,
 * and moves when that account turns out to be Quarry's own.
 */
const CHAIN_PATIENCE_MS = 1_000
/** Most credentials whose account is known and not stored yet. */
const MOST_FRESH = 2_000
const CHAIN: Credential = { kind: 'chain' }

export function makeCredentialAccounts(parts: CredentialAccountsParts): CredentialAccounts {
  const { by, ask, now, said, stsRegion, store, proven, onAway, onFault, patienceMs = PATIENCE_MS } = parts
  const fresh = new Set<string>()
  /** What adapters were told of the accounts that rules give. */
  const told = new Map<string, string>()
  const onAnswer: AccountAnswersParts['onAnswer'] = (credential, { kind }) => {
    const name = credentialName(credential)
    if (name === null) return
    if (kind === 'refused') return proven.refused(credential)
    proven.accepted(credential)
    if (fresh.size >= MOST_FRESH) fresh.clear()
    fresh.add(name)
  }
  const answers = makeAccountAnswers({ ask, now, onAway, onAnswer })
  return {
    async of(credential, region) {
      const name = credentialName(credential)
      if (name === null) return OWN_ACCOUNT
      const given = givenAccount(credential)
      if (isApiKey(credential)) return given ?? said(name) ?? accountPseudonym(name)
      const place = stsRegion(region)
      if (by === 'sts')
        await Promise.all([
          given === null ? waitAtMost(patienceMs, answers.find(credential, place)) : null,
          waitAtMost(Math.min(patienceMs, CHAIN_PATIENCE_MS), answers.find(CHAIN, place)),
        ])
      const theirs =
        given === null ? answers.known(credential, place) : { kind: 'account' as const, id: given }
      if (theirs === null) return said(name) ?? accountPseudonym(name)
      if (theirs.kind === 'refused') return UNPROVEN
      const own = answers.known(CHAIN, place)
      const isOwn = own?.kind === 'account' && own.id === theirs.id
      const account = isOwn ? OWN_ACCOUNT : theirs.id
      // Adapters know what a rule gives, but not which account is Quarry's own.
      if (given !== null && told.get(name) !== account) {
        keepLatest(told, name, account, MOST_FRESH)
        fresh.add(name)
      }
      // Once per answer of STS. From then on adapters choose this lane.
      if (fresh.delete(name)) void store.write(name, account).catch(onFault)
      return account
    },
  }
}
