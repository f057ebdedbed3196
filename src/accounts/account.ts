// The AWS account in a lane's name. AWS grants quotas per account, so all keys, roles and profiles of an account share its lanes.
// Pure.
import { createHash } from 'node:crypto'

/** The account of Quarry's own credentials, and of all keys of that account. */
export const OWN_ACCOUNT = 'default'
/** For keys that STS refuses: their calls must not run in an account's own lanes. */
export const UNPROVEN = 'unproven'

/** Identifies a key in Redis without revealing it. */
export function accessKeyHash(accessKey: string): string {
  return createHash('sha256').update(`access key ${accessKey}`).digest('hex').slice(0, 32)
}

/** Stands for the account in a lane's name while it is unknown. The same in all processes, and after Redis lost its data. */
export function accessKeyPseudonym(accessKey: string): string {
  return `key-${accessKeyHash(accessKey).slice(0, 12)}`
}
