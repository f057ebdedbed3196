// The key that proves a sealed outcome. It is derived from the values that the outcome's marks stand for. Whoever can write to Redis does
// not know these, so nobody gets a secret out of a forged text without having it already.
import { createHash, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import type { UsedSecret } from '../connector/secret-masking.ts'

/** The proof is stored in Redis: guessing a weak value from it must cost as much as guessing a password from its hash. */
const COST = { N: 2 ** 14, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
const BYTES = 32
const MOST_KEPT = 500

const derive = promisify(scrypt) as (
  password: string,
  salt: string,
  length: number,
  options: object,
) => Promise<Buffer>

/** By a hash of the secrets, in the order of last use. */
const known = new Map<string, Promise<Buffer>>()

/** @param installation - the prefix of the keys in Redis. */
export const sealKey =
  (installation: string) =>
  (secrets: readonly UsedSecret[]): Promise<Buffer> => {
    const made = JSON.stringify(secrets.map(({ name, value }) => [name, value]))
    const salt = `quarry sealed outcome ${installation}`
    const name = createHash('sha256').update(salt).update('\n').update(made).digest('base64')
    const key = known.get(name) ?? derive(made, salt, BYTES, COST)
    known.delete(name)
    known.set(name, key)
    for (const oldest of known.keys()) {
      if (known.size <= MOST_KEPT) break
      known.delete(oldest)
    }
    key.catch(() => known.delete(name))
    return key
  }
