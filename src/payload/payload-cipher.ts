// Encrypts a payload and binds it to its installation, purpose and job, so that whoever can write to Redis cannot use it elsewhere.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** A 256-bit key and the name under which payloads refer to it. */
export interface PayloadKey {
  readonly id: string
  readonly bytes: Buffer
}

/** The purpose of a text in Redis. */
export type PayloadPurpose = 'job' | 'outcome' | 'failure' | 'repairs' | 'line'

/** What a text is bound to. */
export interface PayloadPlace {
  /** Prefix of the keys in Redis (`QUARRY_REDIS_PREFIX`): installations may share a payload key. */
  readonly installation: string
  readonly purpose: PayloadPurpose
  /** Id of the job and its epoch. */
  readonly id: string
}

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const IV_BYTES = 12
const SALT_BYTES = 16
const TAG_BYTES = 16

/**
 * AES-256-GCM under a key of its own for each text, by HKDF-SHA256 with a random salt: with random nonces under one key,
 * NIST SP 800-38D allows 2^32 texts only.
 * @returns salt, tag and cipher text.
 */
export function sealBytes(packed: Buffer, key: PayloadKey, place: PayloadPlace): Buffer {
  const salt = randomBytes(SALT_BYTES)
  const { secret, iv } = derive(key, salt)
  const cipher = createCipheriv(CIPHER, secret, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(bindingOf(place))
  const sealed = Buffer.concat([cipher.update(packed), cipher.final()])
  return Buffer.concat([salt, cipher.getAuthTag(), sealed])
}

/** @throws Error if it was not sealed under this key for this place. */
export function openBytes(bytes: Buffer, key: PayloadKey, place: PayloadPlace): Buffer {
  const { secret, iv } = derive(key, bytes.subarray(0, SALT_BYTES))
  const decipher = createDecipheriv(CIPHER, secret, iv, { authTagLength: TAG_BYTES })
  decipher.setAAD(bindingOf(place))
  decipher.setAuthTag(bytes.subarray(SALT_BYTES, SALT_BYTES + TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(SALT_BYTES + TAG_BYTES)), decipher.final()])
}

function derive(key: PayloadKey, salt: Buffer): { secret: Buffer; iv: Buffer } {
  const derived = Buffer.from(hkdfSync('sha256', key.bytes, salt, 'quarry payload 2', KEY_BYTES + IV_BYTES))
  return { secret: derived.subarray(0, KEY_BYTES), iv: derived.subarray(KEY_BYTES) }
}

/** No part contains the separator: a key prefix, a word of ours, digits. */
function bindingOf({ installation, purpose, id }: PayloadPlace): Buffer {
  return Buffer.from(`quarry|2|${installation}|${purpose}|${id}`)
}

/** Version 1 of encryption: with a random IV under the key itself, bound to the job's id alone. @returns IV, tag and cipher text. */
export function sealBytesAsBefore(packed: Buffer, key: PayloadKey, id: string): Buffer {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, key.bytes, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(id))
  const sealed = Buffer.concat([cipher.update(packed), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed])
}

/** @throws Error if it was not encrypted under this key for this id. */
export function openBytesAsBefore(bytes: Buffer, key: PayloadKey, id: string): Buffer {
  const decipher = createDecipheriv(CIPHER, key.bytes, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(id))
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
}
