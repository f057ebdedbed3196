// One request and its answer on the wire, the same for HTTP/1.1 and HTTP/2. Decides nothing. A caller that has hung
// up is no error here: what is written to it is discarded.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { constants, type Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { WireAnswer } from './wire-answer.ts'

/** A request as either protocol gives it. */
export type WireRequest = IncomingMessage | Http2ServerRequest

/** Its answer as either protocol takes it. */
export type WireResponse = ServerResponse | Http2ServerResponse

/** The largest request body read; a larger one is drained and refused. */
export const BODY_LIMIT_BYTES = 32 * 1024 * 1024

/** One request on the wire. */
export class Exchange {
  readonly #request: WireRequest
  readonly #response: WireResponse
  readonly #clock: () => number
  readonly method: string
  /** Raw path and query. */
  readonly path: string
  readonly protocol: 'http/1.1' | 'h2'
  /** Lower-case names; a header sent twice is joined by a comma; `host` is there for HTTP/2 too. */
  readonly headers: Readonly<Record<string, string>>
  /** Aborted when the caller hangs up, or has its answer. */
  readonly closed: AbortSignal

  /** @param clock ms since the epoch, for the `date` of the answer. */
  constructor(request: WireRequest, response: WireResponse, clock: () => number) {
    this.#clock = clock
    this.#request = request
    this.#response = response
    this.method = request.method ?? 'GET'
    this.path = request.url ?? '/'
    this.protocol = response instanceof Http2ServerResponse ? 'h2' : 'http/1.1'
    this.headers = readHeaders(request)
    const closed = new AbortController()
    this.closed = closed.signal
    response.once('close', () => closed.abort())
    // Both report a caller that hung up; `closed` and an unfinished body already say so.
    request.on('error', () => {})
    response.on('error', () => {})
  }

  /** The whole body; `too large` above the limit, `gone` when the caller went away while sending it. */
  async readBody(limitBytes = BODY_LIMIT_BYTES): Promise<Buffer | 'too large' | 'gone'> {
    const chunks: Uint8Array[] = []
    let size = 0
    try {
      for await (const chunk of this.#request as AsyncIterable<Uint8Array>) {
        size += chunk.length
        if (size <= limitBytes) chunks.push(chunk)
      }
    } catch {
      return 'gone'
    }
    return size > limitBytes ? 'too large' : Buffer.concat(chunks)
  }

  /** Writes the answer. */
  send({ status, headers, body }: WireAnswer): void {
    if (this.closed.aborted) return
    this.#writeHead(status, { ...headers, 'content-length': String(body.length) })
    this.#response.end(body)
  }

  /** Announces the whole answer, writes half of it and cuts the connection. */
  sendHalf({ status, headers, body }: WireAnswer): void {
    if (this.closed.aborted) return
    this.#writeHead(status, { ...headers, 'content-length': String(body.length) })
    const half = body.subarray(0, body.length / 2)
    if (this.#response instanceof Http2ServerResponse) this.#response.write(half, 'utf8', () => this.cut())
    else this.#response.write(half, () => this.cut())
  }

  /** Begins an answer of unknown length: {@link write} it, then {@link end} or {@link cut} it. */
  begin(headers: Readonly<Record<string, string>>): void {
    if (!this.closed.aborted) this.#writeHead(200, headers)
  }

  /** Writes a part of an answer that was begun. */
  write(part: Uint8Array): void {
    if (this.closed.aborted) return
    if (this.#response instanceof Http2ServerResponse) this.#response.write(part)
    else this.#response.write(part)
  }

  /** Ends an answer that was begun. */
  end(): void {
    if (!this.closed.aborted) this.#response.end()
  }

  /**
   * Ends without an answer: closes the HTTP/1.1 connection, or resets the HTTP/2 stream. The HTTP/2 session stays,
   * because the other calls on it are not at fault.
   */
  cut(): void {
    if (this.#response instanceof Http2ServerResponse) {
      this.#response.stream?.close(constants.NGHTTP2_INTERNAL_ERROR)
    } else {
      this.#request.socket.destroy()
    }
  }

  #writeHead(status: number, given: Readonly<Record<string, string>>): void {
    const headers = { ...given, date: new Date(this.#clock()).toUTCString() }
    // The two classes share the method and not its type.
    if (this.#response instanceof Http2ServerResponse) this.#response.writeHead(status, headers)
    else this.#response.writeHead(status, headers)
  }
}

function readHeaders(request: WireRequest): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value
  }
  const authority = headers[':authority']
  if (authority !== undefined) headers['host'] ??= authority
  return headers
}
