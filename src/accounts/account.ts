// The AWS account in the name of a lane. Quotas are an account's, so all keys, roles and profiles of one account share its lanes.
// Pure.
import { createHash } from 'node:crypto'

/** The account of Quarry's own credentials, and of all keys of that account. */
export const OWN_ACCOUNT = 'default'
/** Of keys that AWS does not take: what is called for them must not run beside an account's own calls. */
export const UNPROVEN = 'unproven'

/** By what a key's account is remembered: nothing that tells the key. */
export function accessKeyHash(accessKey: string): string {
  return createHash('sha256').update(`access key ${accessKey}`).digest('hex').slice(0, 32)
}

/** The account in a lane's name while the one of the key is not known: the same in all processes, whatever Redis has lost. */
export function accessKeyPseudonym(accessKey: string): string {
  return `key-${accessKeyHash(accessKey).slice(0, 12)}`
}
