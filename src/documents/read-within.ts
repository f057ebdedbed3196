// Reads a whole stream, up to a limit. Never holds more than the limit and one chunk.
import { pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

/** Thrown when there is more to read than allowed. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge'
}

/**
 * Asks whether a content may be held, before it is.
 * @param atLeast - bytes that it has so far.
 * @param atMost - bytes that it may turn out to have.
 */
export type MayHold = (atLeast: number, atMost: number) => boolean

interface ReadBounds {
  readonly maxBytes: number
  /** The header `content-length`, so that nothing is read in vain. */
  readonly announced: string | null
  readonly mayHold: MayHold
}

/** @throws TooLarge, also when `mayHold` refuses. */
async function readWithin(
  body: AsyncIterable<Buffer> & { destroy(): unknown; on(event: 'error', listener: () => void): unknown },
  { maxBytes, announced, mayHold }: ReadBounds,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  const check = (atLeast: number, atMost: number): void => {
    if (atLeast > maxBytes || !mayHold(atLeast, atMost)) throw new TooLarge()
  }
  try {
    if (announced !== null && /^\d+$/.test(announced)) check(Number(announced), Number(announced))
    for await (const chunk of body) {
      size += chunk.length
      check(size, maxBytes)
      chunks.push(chunk)
    }
  } catch (error) {
    body.on('error', () => undefined)
    body.destroy()
    throw error
  }
  return Buffer.concat(chunks, size)
}

const DECODERS = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

/**
 * Reads the body of a response, and unpacks it if the server packed it against our request: object stores return stored objects as they are.
 * The limit applies to the unpacked bytes, so that a small body cannot become a large one.
 * @param encoding - the header `content-encoding`; an unknown encoding is left as it is.
 * @throws TooLarge, and what the decoder throws when the body is not what the header claims.
 */
export async function readDecoded(
  body: Readable,
  encoding: string | null,
  bounds: ReadBounds,
): Promise<Buffer> {
  const makeDecoder = DECODERS.get(encoding?.trim().toLowerCase() ?? '')
  if (makeDecoder === undefined) return readWithin(body, bounds)
  // An error of the body ends the decoder too, and the other way round.
  const decoded = pipeline(body, makeDecoder(), () => undefined)
  return readWithin(decoded, { ...bounds, announced: null })
}
