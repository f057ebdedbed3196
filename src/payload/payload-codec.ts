// The text form of payloads in Redis: versioned, compressed if large, encrypted if there is a key. With a key, unencrypted texts are
// refused: otherwise whoever can write to Redis could make Quarry call Bedrock and report outcomes.
// It must never put a payload into an error message.
import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { isKnownKey, KNOWN_KEY } from '../job/published.ts'
import { type InputHashes, inputHashes } from './input-hash.ts'
import {
  openBytes,
  openBytesAsBefore,
  type PayloadKey,
  type PayloadPlace,
  type PayloadPurpose,
  sealBytes,
  sealBytesAsBefore,
} from './payload-cipher.ts'

/** Why a stored payload is refused. */
export type PayloadFault =
  /** Its version or form is unknown. */
  | 'unknownVersion'
  /** It is encrypted under a key that this process lacks. */
  | 'unknownKey'
  /** It was changed, is of another job, purpose or installation, or is no payload. */
  | 'damaged'
  /** It is not encrypted although there is a key. */
  | 'plaintext'
  /** It is encrypted by version 1, which is not accepted here. */
  | 'oldFormat'
  /** It refers to values of secrets, without proof that its writer knew them. */
  | 'unproven'

/** Thrown when a stored payload cannot be read, or must not be trusted. */
export class PayloadError extends Error {
  override readonly name = 'PayloadError'
  readonly code: PayloadFault
  /** Id of a missing key. */
  readonly keyId: string | undefined

  constructor(code: PayloadFault, message: string, options: ErrorOptions & { readonly keyId?: string } = {}) {
    super(message, options)
    this.code = code
    this.keyId = options.keyId
  }
}

/** Turns payloads into text and back. The cipher text is bound to `about` (the job's id) and `purpose`. */
export interface PayloadCodec {
  /** @param purpose - @default 'job' */
  encode(payload: string, about: string, purpose?: PayloadPurpose): string
  /** @throws PayloadError */
  decode(stored: string, about: string, purpose?: PayloadPurpose): string
  /** Hashes that tell whether Zeebe asks for the same again. */
  hashes(asked: { readonly variables: string; readonly customHeaders: string }): InputHashes
  readonly encrypts: boolean
  /** Ids of its keys: the first encrypts. */
  readonly keyIds: readonly string[]
  /** Prefix of the keys in Redis. */
  readonly installation: string
  /** Its current parts, to make the same codec in another thread. */
  plan(): CodecPlan
}

/** Plain data that contains keys: must never be logged. */
export interface CodecPlan {
  readonly keys: readonly PayloadKey[]
  readonly options: Omit<PayloadCodecOptions, 'onOld'>
}

interface PayloadCodecOptions {
  /** Prefix of the keys in Redis. @default '' */
  readonly installation?: string
  /** Whether unencrypted texts are read although there is a key. @default 'refuse' */
  readonly plaintext?: 'refuse' | 'accept'
  /**
   * How to treat version 1 of encrypted texts, which is not bound to purpose and installation: `write` uses it, for processes that know
   * no other; `read` reads it; `refuse` does neither. @default 'read'
   */
  readonly oldFormat?: 'write' | 'read' | 'refuse'
  /** Called when such a text was read although there is a key. */
  readonly onOld?: (form: 'plaintext' | 'oldFormat') => void
}

export type { PayloadKey, PayloadPurpose } from './payload-cipher.ts'

/** Whether a text is readable in Redis. */
export function isPlainPayload(stored: string): boolean {
  return /^1[pz]/.test(stored)
}

/** Deflate saves little below this; measured by bench/job-memory.ts. */
const COMPRESS_ABOVE_CHARACTERS = 1_024
/** More than Zeebe and Bedrock ever send. A text that inflates to more was made to exhaust memory. */
const LARGEST_BYTES = 64 * 1024 * 1024

/** @throws TypeError when the text is not 32 bytes in base64 or hex. */
export function payloadKey(text: string): PayloadKey {
  const isHex = /^[0-9a-f]{64}$/i.test(text)
  const bytes = Buffer.from(text, isHex ? 'hex' : 'base64')
  // Node ignores characters that are not base64, and would accept the rest as a key.
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
    if (isKnownKey(key.bytes)) throw new TypeError(`line ${index + 1} is ${KNOWN_KEY}`)
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
 * Layout: a version, a form and a body. `1p` is plain text, `1z` deflated in base64. `2e` is encrypted: key id, `.`, base64 of
 * what {@link sealBytes} makes of a `p` or `b` payload; `b` is `z` before base64. `1e` is the same by
 * {@link sealBytesAsBefore}. The first key encrypts, every key decrypts; without keys payloads are readable in Redis.
 * @param given - The keys, or what tells those in force.
 */
export function makePayloadCodec(
  given: readonly PayloadKey[] | (() => readonly PayloadKey[]) = [],
  { installation = '', plaintext = 'refuse', oldFormat = 'read', onOld }: PayloadCodecOptions = {},
): PayloadCodec {
  const keysNow = typeof given === 'function' ? given : () => given
  // The versions that know the old form alone encrypt no failures.
  const takesPlain = (purpose: PayloadPurpose) =>
    plaintext === 'accept' || (purpose === 'failure' && oldFormat === 'write')
  const open = (stored: string, place: PayloadPlace): string => {
    const keys = keysNow()
    const body = stored.slice(2)
    switch (stored.slice(0, 2)) {
      case '2e':
        return unpackBytes(withKey(body, keys, (bytes, key) => openBytes(bytes, key, place)))
      case '1e': {
        if (oldFormat === 'refuse' && keys.length > 0) throw new PayloadError('oldFormat', OLD_FORMAT)
        const packed = withKey(body, keys, (bytes, key) => openBytesAsBefore(bytes, key, place.id))
        onOld?.('oldFormat')
        return shaped(unpackBytes(packed), place)
      }
      case '1p':
      case '1z':
        if (keys.length > 0 && !takesPlain(place.purpose)) throw new PayloadError('plaintext', PLAINTEXT)
        if (keys.length > 0) onOld?.('plaintext')
        return unpackText(stored.slice(1))
      default:
        throw new PayloadError('unknownVersion', NEWER)
    }
  }
  return {
    installation,
    hashes: (asked) => inputHashes(asked, keysNow(), UNKEYED[oldFormat]),
    plan: () => ({ keys: keysNow(), options: { installation, plaintext, oldFormat } }),
    get encrypts() {
      return keysNow().length > 0
    },
    get keyIds() {
      return keysNow().map(({ id }) => id)
    },
    encode(payload, about, purpose = 'job') {
      const [key] = keysNow()
      if (key === undefined) return `1${packText(payload)}`
      const packed = packBytes(payload)
      if (oldFormat === 'write')
        return `1e${key.id}.${sealBytesAsBefore(packed, key, about).toString('base64')}`
      const sealed = sealBytes(packed, key, { installation, purpose, id: about })
      return `2e${key.id}.${sealed.toString('base64')}`
    },
    decode(stored, about, purpose = 'job') {
      try {
        return open(stored, { installation, purpose, id: about })
      } catch (error) {
        if (error instanceof PayloadError) throw error
        throw new PayloadError('damaged', DAMAGED, { cause: error })
      }
    },
  }
}

/** What the versions that know the old form alone make of a hash. */
const UNKEYED = { write: 'keep', read: 'accept', refuse: 'refuse' } as const

const NEWER = 'The payload was written by a newer Quarry, or is none: update this one'
const DAMAGED =
  'The payload was changed in Redis, or is that of another job, purpose or installation: who can write to this Redis?'
const PLAINTEXT =
  'The payload is in plaintext, and there is a payload key: it was written before there was one, or by somebody else than Quarry. To read what was written before, set QUARRY_PAYLOAD_PLAINTEXT=accept for a while'
const OLD_FORMAT =
  'The payload is encrypted as Quarry did before it bound payloads to their purpose. To read it, set QUARRY_PAYLOAD_OLD_FORMAT=read for a while'

/** Version 1 is bound to a job but not to a purpose, which its shape shows instead: a job is a list, all else an object. */
function shaped(payload: string, { purpose }: PayloadPlace): string {
  if (payload.startsWith(purpose === 'job' ? '[' : '{')) return payload
  throw new PayloadError('damaged', DAMAGED)
}

/** Null if it saves nothing, or if the text would be too large to inflate again: up to three bytes of UTF-8 a character. */
function deflated(payload: string): Buffer | null {
  if (payload.length <= COMPRESS_ABOVE_CHARACTERS || payload.length > LARGEST_BYTES / 3) return null
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
  if (packed.startsWith('z')) return inflated(Buffer.from(packed.slice(1), 'base64'))
  throw new PayloadError('unknownVersion', 'The payload has a form that this Quarry does not know: update it')
}

function unpackBytes(packed: Buffer): string {
  if (packed.subarray(0, 1).toString() !== 'b') return unpackText(packed.toString('utf8'))
  return inflated(packed.subarray(1))
}

function inflated(bytes: Buffer): string {
  return inflateRawSync(bytes, { maxOutputLength: LARGEST_BYTES }).toString('utf8')
}

function withKey(
  text: string,
  keys: readonly PayloadKey[],
  open: (bytes: Buffer, key: PayloadKey) => Buffer,
): Buffer {
  const dot = text.indexOf('.')
  const id = text.slice(0, dot)
  if (!/^[0-9a-f]{8}$/.test(id)) throw new PayloadError('damaged', DAMAGED)
  const key = keys.find((candidate) => candidate.id === id)
  if (key !== undefined) return open(Buffer.from(text.slice(dot + 1), 'base64'), key)
  throw new PayloadError(
    'unknownKey',
    `The payload was encrypted with key ${id}, which is not configured here: give all processes the same keys (QUARRY_PAYLOAD_KEY, QUARRY_PAYLOAD_KEY_FILE)`,
    { keyId: id },
  )
}
