// A hash of a job's input, to see whether Zeebe asks for the same again without storing prompts and typed credentials. With a payload key
// the hash is keyed, so that a reader of Redis cannot test guesses. Pure.
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import type { PayloadKey } from './payload-cipher.ts'

/** 128 bits, in base64. */
const CHARACTERS = 22

export interface InputHashes {
  /** The hash to store. */
  readonly input: string
  /** Hashes of the same input with other keys, or without one. */
  readonly older: readonly string[]
}

/**
 * @param asked - variables and headers, without Quarry's own, which change no call.
 * @param keys - the first makes the stored hash.
 * @param unkeyed - whether a hash without a key counts: `keep` stores it, for versions that know no other.
 */
export function inputHashes(
  asked: { readonly variables: string; readonly customHeaders: string },
  keys: readonly PayloadKey[],
  unkeyed: 'keep' | 'accept' | 'refuse',
): InputHashes {
  const digest = createHash('sha256')
    .update(asked.variables)
    .update('\n')
    .update(asked.customHeaders)
    .digest()
  const plain = digest.toString('base64').slice(0, CHARACTERS)
  const keyed = keys.map((key) => {
    const secret = Buffer.from(hkdfSync('sha256', key.bytes, '', 'quarry input hash', 32))
    return createHmac('sha256', secret).update(digest).digest('base64').slice(0, CHARACTERS)
  })
  const [first] = keyed
  if (first === undefined || unkeyed === 'keep') return { input: plain, older: keyed }
  return { input: first, older: [...keyed.slice(1), ...(unkeyed === 'accept' ? [plain] : [])] }
}
