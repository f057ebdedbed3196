// Keys and passwords from Quarry's own examples, or that were not drawn at random: everybody knows them. Pure.
import { createHash } from 'node:crypto'

/** SHA-256, in hex, of payload keys (base64 decoded) from manifests of ours. */
const PUBLISHED_KEYS: ReadonlySet<string> = new Set([
  'b059f120f46cab3c4b9430f5ecbe0c36c9ec5b21ec7caf8ccd45ea66f4d3eafe',
  '3ab0530cd14bdcd4ecbc24ac5ecb847f9c2d23abf8854d958f63c00ba735fa86',
])
const PUBLISHED_PASSWORDS: ReadonlySet<string> = new Set(['h4rd-t0-guess', 'h4rder-t0-guess', 'REPLACE'])
/** 32 random bytes have fewer different ones once in more than 10^25 keys; a typed text mostly has. */
const FEWEST_DIFFERENT_BYTES = 16

export const KNOWN_KEY =
  'a key of an example, or not drawn at random: everybody can read what it encrypts. Make one with: openssl rand -base64 32'
export const KNOWN_PASSWORD = 'the one of an example, which everybody knows'

/** @param bytes - of a payload key. */
export function isKnownKey(bytes: Buffer): boolean {
  const digest = createHash('sha256').update(bytes).digest('hex')
  return new Set(bytes).size < FEWEST_DIFFERENT_BYTES || PUBLISHED_KEYS.has(digest)
}

export function isKnownPassword(password: string): boolean {
  return PUBLISHED_PASSWORDS.has(password)
}
