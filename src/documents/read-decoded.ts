// Reads the body of a response, and unpacks it if the server packed it against our request: object stores return stored objects as they
// are. The limit applies to the unpacked bytes, so that a small body cannot become a large one.
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { type ReadBounds, readWithin } from './read-within.ts'

const DECODERS = new Map([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

/**
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
