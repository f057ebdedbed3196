// The AWS account in a lane's name. AWS grants quotas per account, so all keys, roles and profiles of an account share its lanes.
// Pure.
import { createHash } from 'node:crypto'

/** The account of Quarry's own credentials, and of all keys of that account. */
export const OWN_ACCOUNT = 'default'
/** For keys that STS refuses: their calls must not run in an account's own lanes. */
export const UNPROVEN = 'unproven'

/** Identifies a credential in Redis without revealing it. @param name - its access key, or what `credentialName` gives. */
export function credentialNameHash(name: string): string {
  return createHash('sha256').update(`access key ${name}`).digest('hex').slice(0, 32)
}

/**
 * Stands for the account in a lane's name while it is unknown: `key-…` for an access key, otherwise `role-…` and the like. The same in all
 * processes, and after Redis lost its data.
 */
export function accountPseudonym(name: string): string {
  const [, kind = 'key'] = /^(role|web-identity|profile|api-key):/.exec(name) ?? []
  return `${kind}-${credentialNameHash(name).slice(0, 12)}`
}
