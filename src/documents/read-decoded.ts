// Reads the body of an answer, unpacked where the server packed it although it was asked not to: object stores give
// what was stored packed as it is. The limit is on what comes out, so that a small body cannot become a large one.
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
 * @param encoding - the header `content-encoding`; one that is not known is left as it is.
 * @throws TooLarge, and what the decoder throws when the body is not what the header says.
 */
export async function readDecoded(
  body: Readable,
  encoding: string | null,
  bounds: ReadBounds,
): Promise<Buffer> {
  const makeDecoder = DECODERS.get(encoding?.trim().toLowerCase() ?? '')
  if (makeDecoder === undefined) return readWithin(body, bounds)
  // What fails in the body fails in the decoder too, and ending the one ends the other.
  const decoded = pipeline(body, makeDecoder(), () => undefined)
  return readWithin(decoded, { ...bounds, announced: null })
}
