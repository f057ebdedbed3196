// Reads a stream whole, up to a limit. Never holds more than the limit and one chunk.

/** Thrown when there is more to read than allowed. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge'
}

/** @param announced - what `content-length` says, so that nothing is read in vain. */
export async function readWithin(
  body: AsyncIterable<Buffer> & { destroy(): unknown; on(event: 'error', listener: () => void): unknown },
  maxBytes: number,
  announced: string | null,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    if (Number(announced ?? 0) > maxBytes) throw new TooLarge()
    for await (const chunk of body) {
      size += chunk.length
      if (size > maxBytes) throw new TooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    body.on('error', () => undefined)
    body.destroy()
    throw error
  }
  return Buffer.concat(chunks, size)
}
