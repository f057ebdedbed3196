// The credentials that AWS accepted in this process, by hash. A refusal takes one out again.
import { type Credential, credentialHash } from '../job/credential.ts'
import { keepLatest } from '../job/keep-latest.ts'

export interface ProvenCredentials {
  /**
   * True for the process's own credentials until AWS refuses them, and for others once AWS accepted them.
   * @param endpoint - one that the diagram names: what it accepts proves nothing for AWS's own endpoint, nor the other way round.
   */
  has(credential: Credential, endpoint?: string): boolean
  accepted(credential: Credential, endpoint?: string): void
  refused(credential: Credential, endpoint?: string): void
}

const MOST = 2_000

export function makeProvenCredentials(most = MOST): ProvenCredentials {
  // Only differences from the initial state, so refused keys of diagrams take no entry and evict nothing.
  const changed = new Map<string, Credential['kind']>()
  const change = (isChanged: boolean, credential: Credential, endpoint = ''): void => {
    const id = credentialHash(credential, endpoint)
    if (isChanged) keepLatest(changed, id, credential.kind, most)
    else changed.delete(id)
  }
  return {
    has(credential, endpoint = '') {
      const id = credentialHash(credential, endpoint)
      const isChanged = changed.has(id)
      if (isChanged) keepLatest(changed, id, credential.kind, most)
      return isChanged !== (credential.kind === 'chain')
    },
    accepted: (credential, endpoint) => change(credential.kind !== 'chain', credential, endpoint),
    refused: (credential, endpoint) => change(credential.kind === 'chain', credential, endpoint),
  }
}
