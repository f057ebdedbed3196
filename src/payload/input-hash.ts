// Tells whether Zeebe asks for the same again, without keeping what it asks for: prompts and typed credentials. With a payload
// key it is keyed, so that who reads Redis cannot try out guesses of them. Pure.
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import type { PayloadKey } from './payload-cipher.ts'

/** 128 bits, in base64. */
const CHARACTERS = 22

export interface InputHashes {
  /** What is kept. */
  readonly input: string
  /** What counts as the same: made with other keys, or before there was one. */
  readonly older: readonly string[]
}

/**
 * @param asked - variables and headers, without those that are for us: they change no call.
 * @param keys - The first is that of what is kept.
 * @param unkeyed - Whether a hash that was made without a key counts: `keep` has it kept, for versions that know no other.
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
