// One HTTP/1.1 connection, which takes one call at a time. Only the TCP keep-alive that open-socket.ts sets tells a silent call from a dead
// one.
import type { Socket } from 'node:net'
import { Client, type Dispatcher } from 'undici'
import {
  type Answer,
  AnswerTooLargeError,
  BrokenCallError,
  type Connection,
  IDLE_MS,
  Incoming,
  type Outgoing,
} from './connection.ts'

/** Not `Buffer.from`: its small buffers share 64 KB, which a single call in flight would keep. */
const ENCODER = new TextEncoder()

export interface H1Options {
  readonly socket: Socket
  /** `host:port`, for messages. */
  readonly endpoint: string
  /** Prefix for each path, and extra headers: for a proxy that handles `http:` addresses. */
  readonly proxied?:
    | { readonly origin: string; readonly headers: Readonly<Record<string, string>> }
    | undefined
}

export function openH1({ socket, endpoint, proxied }: H1Options): Connection {
  let used = false
  let running = false
  let retired = false
  const client = new Client(`http://${endpoint}`, {
    // The connection exists already, and is the only one.
    connect: (_options, callback) => {
      const first = !used && !socket.destroyed
      used = true
      queueMicrotask(() => (first ? callback(null, socket) : callback(closedBefore(endpoint), null)))
    },
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: IDLE_MS,
    keepAliveMaxTimeout: IDLE_MS,
  })
  const end = (): void => {
    void client.destroy().catch(() => {})
    // Before the first call the client does not own it.
    socket.destroy()
  }
  const retire = (): void => {
    retired = true
    if (!running) end()
  }
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  client.once('disconnect', retire)
  socket.once('close', retire)
  const unused = setTimeout(retire, IDLE_MS).unref()
  return {
    version: 'http/1.1',
    room: 1,
    ended,
    get retired() {
      return retired
    },
    take() {
      if (running || retired) return false
      clearTimeout(unused)
      running = true
      return true
    },
    async send(request, signal) {
      try {
        return await exchange({ client, endpoint }, throughProxy(request, proxied), signal)
      } finally {
        running = false
        if (retired) retire()
      }
    },
    retire,
    destroy() {
      retired = true
      end()
    },
  }
}

/** In absolute form (https://www.rfc-editor.org/rfc/rfc9112#name-absolute-form). */
function throughProxy(request: Outgoing, proxied: H1Options['proxied']): Outgoing {
  if (proxied === undefined) return request
  return {
    ...request,
    path: `${proxied.origin}${request.path}`,
    headers: { ...request.headers, ...proxied.headers },
  }
}

function closedBefore(endpoint: string): BrokenCallError {
  return new BrokenCallError({ endpoint, what: 'the connection had been closed.', unprocessed: true })
}

function exchange(
  { client, endpoint }: { readonly client: Client; readonly endpoint: string },
  { method, path, authority, headers, body, onBytes }: Outgoing,
  signal: AbortSignal,
) {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const incoming = new Incoming()
  let controller: Dispatcher.DispatchController | null = null
  const settle = (ended: boolean, failure: () => unknown): void => {
    const answer = incoming.whole(ended)
    if (answer === null) reject(failure())
    else resolve(answer)
    signal.removeEventListener('abort', onAbort)
  }
  const stop = (reason: () => Error): void => {
    settle(false, reason)
    controller?.abort(reason())
  }
  const onAbort = (): void => stop(() => asError(signal.reason))
  const checkSize = (): void => {
    const { status } = incoming
    if (incoming.tooLarge && status !== undefined) stop(() => new AnswerTooLargeError(endpoint, status))
  }
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(begun) {
      controller = begun
      if (signal.aborted) begun.abort(asError(signal.reason))
    },
    onResponseStart(_controller, status, received) {
      if (status < 200) return
      incoming.start(status, received)
      checkSize()
    },
    onResponseData(_controller, chunk) {
      incoming.add(chunk)
      if ((incoming.status ?? 0) < 300) onBytes?.(chunk)
      checkSize()
    },
    onResponseEnd: () => settle(true, () => brokenBy(undefined, endpoint, incoming.status)),
    onResponseError: (_controller, error) => settle(false, () => brokenBy(error, endpoint, incoming.status)),
  }
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  else
    client.dispatch(
      {
        method: method as Dispatcher.HttpMethod,
        path,
        headers: { ...headers, host: authority },
        body: typeof body === 'string' ? ENCODER.encode(body) : (body ?? null),
      },
      handler,
    )
  return promise
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}

function brokenBy(error: unknown, endpoint: string, status: number | undefined): Error {
  if (error instanceof BrokenCallError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'UND_ERR_INVALID_ARG') {
    // The error's message has the header's name, but not its value.
    const what = error instanceof Error ? `${error.message}.` : 'it is not valid.'
    return new BrokenCallError({ endpoint, what, cause: error, beforeSending: true })
  }
  const what = WORDS.find(([codes]) => codes.test(code))?.[1] ?? 'the connection failed'
  return new BrokenCallError({
    endpoint,
    status,
    cause: error,
    what: `${what}${code === '' ? '' : ` (${code})`}.`,
  })
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^HPE_|^UND_ERR_(RES|HEADERS_OVERFLOW)/, 'the answer is not valid HTTP'],
  [/^ETIMEDOUT$/, 'the other side no longer answers'],
  [/^$|^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_INFO)$/, 'the other side closed the connection'],
]
