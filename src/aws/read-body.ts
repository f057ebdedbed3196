// The bytes of an answer. Each answer is paid: one whose bytes have arrived must not be lost, whatever becomes of its
// connection; and one of which bytes are missing must not be taken for whole.
import type { Readable } from 'node:stream'

/**
 * Reads by hand, not with `toArray()` or `for await`: since Node 24.20 and 26.3 these fail with
 * ERR_STREAM_PREMATURE_CLOSE on an HTTP/2 stream that closed before it was read, although the whole answer waits in it
 * (https://github.com/nodejs/node/issues/65677). Some answers are that early where many come while requests are
 * being written to the same session. Nor by a pipe, as the SDK does: where a stream is closed with no error, as by a
 * lost connection or an abort, it takes half an answer for the whole.
 * @param length the bytes that `content-length` announced.
 * @throws what broke the body off.
 */
export function readBody(body: Readable, length: number | undefined, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = []
    const take = () => {
      for (let chunk = body.read(); chunk !== null; chunk = body.read()) chunks.push(chunk)
    }
    const settle = (ended: boolean, error: Error | null = null) => {
      take()
      signal.removeEventListener('abort', onAbort)
      const bytes = Buffer.concat(chunks)
      if (length === undefined ? ended : bytes.length === length) resolve(bytes)
      else reject(error ?? closedEarly())
    }
    const onAbort = () => settle(false)
    // The first to settle counts.
    body.on('error', (error) => settle(false, error))
    body.once('end', () => settle(true))
    body.once('close', () => settle(false))
    body.on('readable', take)
    signal.addEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    else if (body.destroyed || body.readableEnded) settle(body.readableEnded, body.errored)
    else take()
  })
}

function closedEarly(): Error {
  return Object.assign(new Error('Closed before the whole answer had arrived'), {
    code: 'ERR_STREAM_PREMATURE_CLOSE',
  })
}
