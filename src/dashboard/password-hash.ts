// Hashes passwords of users by scrypt, and compares them in constant time.
import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt)

/** 2^15 rounds of 8 blocks take 32 MB and some 60 ms. Source: OWASP Password Storage Cheat Sheet, scrypt. */
const LOG_ROUNDS = 15
const BLOCKS = 8
const PARALLEL = 3
const SALT_BYTES = 16
const HASH_BYTES = 32

/** `scrypt$log2(rounds)$blocks$parallel$salt$hash`, salt and hash in base64. It holds no comma and no colon. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const how = { logRounds: LOG_ROUNDS, blocks: BLOCKS, parallel: PARALLEL }
  const hash = await stretch(password, salt, HASH_BYTES, how)
  return ['scrypt', LOG_ROUNDS, BLOCKS, PARALLEL, salt.toString('base64'), hash.toString('base64')].join('$')
}

/** Whether the password matches the stored one, which is in plaintext or from {@link hashPassword}. */
export async function isPassword(given: string, stored: string): Promise<boolean> {
  if (!stored.startsWith('scrypt$')) return isSame(given, stored)
  const [, logRounds, blocks, parallel, salt = '', hash = ''] = stored.split('$')
  const wanted = Buffer.from(hash, 'base64')
  const how = { logRounds: Number(logRounds), blocks: Number(blocks), parallel: Number(parallel) }
  const made = await stretch(given, Buffer.from(salt, 'base64'), wanted.length, how)
  return timingSafeEqual(made, wanted)
}

interface Stretch {
  readonly logRounds: number
  readonly blocks: number
  readonly parallel: number
}

function stretch(password: string, salt: Buffer, length: number, how: Stretch): Promise<Buffer> {
  const { blocks: r, parallel: p } = how
  const N = 2 ** how.logRounds
  return derive(password.normalize('NFC'), salt, length, { N, r, p, maxmem: 256 * N * r })
}

/** Compares digests under a random key, which have the same length for texts of any length. */
function isSame(given: string, stored: string): boolean {
  const key = randomBytes(32)
  const digest = (text: string) => createHmac('sha256', key).update(text).digest()
  return timingSafeEqual(digest(given), digest(stored))
}
