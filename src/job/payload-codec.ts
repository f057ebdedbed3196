// The text form of what waits in Redis: versioned, compressed when large, encrypted when there is a key.
// It must never put a payload into an error message.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** Thrown when a stored payload cannot be read: its key is unknown, its version is newer, or it is damaged. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError'
  readonly code: 'unknownVersion' | 'unknownKey' | 'damaged'
  /** Of an unknown key: its id. */
  readonly keyId: string | undefined

  constructor(
    code: PayloadError['code'],
    message: string,
    options: ErrorOptions & { readonly keyId?: string } = {},
  ) {
    super(message, options)
    this.code = code
    this.keyId = options.keyId
  }
}

/** Turns payloads into text and back. `about` (the job's id) is bound to the cipher text: it opens for that id alone. */
export interface PayloadCodec {
  encode(payload: string, about: string): string
  /** @throws PayloadError */
  decode(stored: string, about: string): string
  readonly encrypts: boolean
  /** Ids of its keys: the first encrypts. */
  readonly keyIds: readonly string[]
}

/** A 256-bit key for AES-256-GCM and the name under which payloads refer to it. */
export interface PayloadKey {
  readonly id: string
  readonly bytes: Buffer
}

/** Below, deflate saves little; measured by bench/job-memory.ts. */
const COMPRESS_ABOVE_CHARACTERS = 1_024
const IV_BYTES = 12
const TAG_BYTES = 16

/** @throws TypeError when the text is not 32 bytes in base64 or hex. */
export function payloadKey(text: string): PayloadKey {
  const isHex = /^[0-9a-f]{64}$/i.test(text)
  const bytes = Buffer.from(text, isHex ? 'hex' : 'base64')
  // Node skips what is not base64, and would make a key of it all the same.
  if (!isHex && !/^[A-Za-z0-9+/]{43}=$/.test(text))
    throw new TypeError('A payload key is 32 bytes, in base64 or hex')
  return { id: createHash('sha256').update(bytes).digest('hex').slice(0, 8), bytes }
}

/**
 * The keys in the lines of a file: one a line, without empty lines and those that begin with `#`.
 * @throws TypeError that names the line and never shows it, when one is no key or is there twice, or none is there.
 */
export function readPayloadKeys(content: string): PayloadKey[] {
  const lineOf = new Map<string, number>()
  const keys = content.split(/\r?\n/).flatMap((line, index) => {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) return []
    const key = keyOfLine(text, index + 1)
    const before = lineOf.get(key.id)
    if (before !== undefined) throw new TypeError(`line ${index + 1} is the key of line ${before} again`)
    lineOf.set(key.id, index + 1)
    return [key]
  })
  if (keys.length === 0) throw new TypeError('there is no key in it')
  return keys
}

function keyOfLine(text: string, line: number): PayloadKey {
  try {
    return payloadKey(text)
  } catch {
    throw new TypeError(
      `line ${line} is not a key of 32 bytes in base64 (make one with: openssl rand -base64 32)`,
    )
  }
}

/**
 * Version 1. Layout: `1` + form + body, where the form is `p` (plain text), `z` (deflated, base64) or
 * `e` (AES-256-GCM: key id, `.`, base64 of IV, tag and cipher text of a `p` or `b` payload; `b` is `z` before base64).
 * The first key encrypts, every key decrypts; without keys payloads are readable in Redis.
 * @param given - The keys, or what tells those in force.
 */
export function makePayloadCodec(
  given: readonly PayloadKey[] | (() => readonly PayloadKey[]) = [],
): PayloadCodec {
  const keysNow = typeof given === 'function' ? given : () => given
  return {
    get encrypts() {
      return keysNow().length > 0
    },
    get keyIds() {
      return keysNow().map(({ id }) => id)
    },
    encode(payload, about) {
      const [current] = keysNow()
      if (current !== undefined) return `1e${encrypt(packBytes(payload), current, about)}`
      return `1${packText(payload)}`
    },
    decode(stored, about) {
      if (!stored.startsWith('1')) {
        const message = 'The payload was written by a newer Quarry: update this one'
        throw new PayloadError('unknownVersion', message)
      }
      const body = stored.slice(1)
      try {
        return body.startsWith('e') ? unpackBytes(decrypt(body.slice(1), keysNow(), about)) : unpackText(body)
      } catch (error) {
        if (error instanceof PayloadError) throw error
        throw new PayloadError('damaged', 'The payload is damaged or was written under another key', {
          cause: error,
        })
      }
    },
  }
}

/** Null where it saves nothing. */
function deflated(payload: string): Buffer | null {
  if (payload.length <= COMPRESS_ABOVE_CHARACTERS) return null
  const bytes = deflateRawSync(payload, { level: 3 })
  return bytes.length < payload.length ? bytes : null
}

function packText(payload: string): string {
  const base64 = deflated(payload)?.toString('base64')
  return base64 === undefined || base64.length >= payload.length ? `p${payload}` : `z${base64}`
}

function packBytes(payload: string): Buffer {
  const bytes = deflated(payload)
  return bytes === null ? Buffer.from(`p${payload}`) : Buffer.concat([Buffer.from('b'), bytes])
}

function unpackText(packed: string): string {
  if (packed.startsWith('p')) return packed.slice(1)
  if (packed.startsWith('z')) return inflateRawSync(Buffer.from(packed.slice(1), 'base64')).toString('utf8')
  throw new PayloadError('unknownVersion', 'The payload has a form that this Quarry does not know: update it')
}

function unpackBytes(packed: Buffer): string {
  if (packed.subarray(0, 1).toString() !== 'b') return unpackText(packed.toString('utf8'))
  return inflateRawSync(packed.subarray(1)).toString('utf8')
}

function encrypt(packed: Buffer, key: PayloadKey, about: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key.bytes, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(about))
  const sealed = Buffer.concat([cipher.update(packed), cipher.final()])
  return `${key.id}.${Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64')}`
}

function decrypt(text: string, keys: readonly PayloadKey[], about: string): Buffer {
  const dot = text.indexOf('.')
  const id = text.slice(0, dot)
  const key = keys.find((candidate) => candidate.id === id)
  if (key === undefined) {
    throw new PayloadError(
      'unknownKey',
      `The payload was encrypted with key ${id}, which is not configured here: give all processes the same keys (QUARRY_PAYLOAD_KEY, QUARRY_PAYLOAD_KEY_FILE)`,
      { keyId: id },
    )
  }
  const bytes = Buffer.from(text.slice(dot + 1), 'base64')
  const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, IV_BYTES), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(Buffer.from(about))
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
}
