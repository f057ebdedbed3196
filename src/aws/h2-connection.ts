// One HTTP/2 session. It takes as many calls as the other side allows, detects by itself that the other side is gone, and knows of a broken
// call whether AWS may have begun it. Uses Node's own client: see docs/adr/0006.
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import type { Socket } from 'node:net'
import { ConnectError } from './connect-error.ts'
import {
  type Answer,
  AnswerTooLargeError,
  BrokenCallError,
  type Connection,
  IDLE_MS,
  Incoming,
  type Outgoing,
} from './connection.ts'

/** How a silent session is checked. */
export interface Watch {
  /** Time between two checks, ms. */
  readonly everyMs: number
  /** A PING is sent after this many checks without new bytes. */
  readonly pingAfter: number
  /** After this many the session counts as dead. */
  readonly deadAfter: number
}

/**
 * A dead session is detected 40 to 45 s after the last byte. Checks are counted, not time: a process that stood still or was busy for a
 * minute has not missed an answer.
 */
export const WATCH: Watch = { everyMs: 5_000, pingAfter: 4, deadAfter: 8 }

/** Bounds the calls that break together with one session. */
const MOST_STREAMS = 50
const MB = 1024 * 1024
/** Bytes under way unread, per answer and in all. With Node's 64 KB a large answer takes many round trips. */
const WINDOW = { initialWindowSize: MB, connection: 16 * MB }
/** For what is being sent: documents are large, and bounded by `QUARRY_DOCUMENT_MEMORY`. Node's 10 MB would refuse calls. */
const MOST_MEMORY_MB = 1_000
const HEADERS_FRAME = 1

export interface H2Options {
  readonly socket: Socket
  /** `host:port`, for messages. */
  readonly endpoint: string
  readonly watch: Watch
  /** How long the other side may take to send its settings, ms. */
  readonly settingsWithinMs: number
}

/**
 * Starts a session on a connection.
 * @throws ConnectError, also when the other side does not start one
 */
export async function openH2({ socket, endpoint, watch, settingsWithinMs }: H2Options): Promise<Connection> {
  const session = connect(`https://${endpoint}`, {
    createConnection: () => socket,
    maxSessionMemory: MOST_MEMORY_MB,
    settings: { enablePush: false, initialWindowSize: WINDOW.initialWindowSize },
  })
  const life = keepWatch(session, socket, watch)
  await settingsOf(session, { endpoint, settingsWithinMs })
  if (!session.destroyed) session.setLocalWindowSize(WINDOW.connection)
  let running = 0
  let retired = false
  let idle: NodeJS.Timeout | undefined
  const closeIfUnused = (): void => {
    if (running > 0) return
    if (retired) session.destroy()
    else idle = setTimeout(() => retire(), IDLE_MS).unref()
  }
  const retire = (): void => {
    retired = true
    closeIfUnused()
  }
  const ended = new Promise<void>((resolve) => {
    if (session.destroyed) resolve()
    else session.once('close', () => resolve())
  })
  session.once('goaway', retire).once('close', retire)
  if (session.closed) retired = true
  const room = (): number =>
    Math.min(session.remoteSettings.maxConcurrentStreams ?? MOST_STREAMS, MOST_STREAMS)
  closeIfUnused()
  return {
    version: 'h2',
    get room() {
      return room()
    },
    ended,
    get retired() {
      return retired || session.closed || session.destroyed
    },
    take() {
      if (retired || session.closed || session.destroyed || life.suspect || running >= room()) return false
      clearTimeout(idle)
      running += 1
      return true
    },
    async send(request, signal) {
      try {
        return await exchange({ session, endpoint, life }, request, signal)
      } catch (error) {
        // Other calls may use the session: it ends with them, or when it shows no sign of life.
        if (signal.aborted && isTimeout(signal.reason)) {
          retire()
          life.ping()
        }
        throw error
      } finally {
        running -= 1
        closeIfUnused()
      }
    },
    retire,
    destroy: () => session.destroy(),
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError'
}

/** Waits for the other side's settings, its first frame. */
function settingsOf(
  session: ClientHttp2Session,
  { endpoint, settingsWithinMs }: Pick<H2Options, 'endpoint' | 'settingsWithinMs'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (what: string, network: 'reset' | 'timeout' | 'other', cause?: Error): void => {
      clearTimeout(timer)
      const message = `${endpoint} cannot be connected to: it offers HTTP/2, and ${what}. If something on the way breaks HTTP/2, set QUARRY_AWS_HTTP_VERSION to 1.1.`
      reject(new ConnectError({ step: 'tls', endpoint, message, network, cause }))
      session.destroy()
    }
    const timer = setTimeout(() => end('does not begin it in time', 'timeout'), settingsWithinMs)
    session.once('error', (error) => end('fails to begin it', 'reset', error))
    session.once('close', () => end('closes the connection at once', 'reset'))
    session.once('remoteSettings', ({ maxConcurrentStreams }) => {
      if (maxConcurrentStreams === 0) return end('takes no calls', 'other')
      clearTimeout(timer)
      resolve()
    })
  })
}

/** State of a session besides its HTTP/2 state. */
interface Life {
  ping(): void
  /** Whether a PING was not answered by the next check: it takes no calls for now. */
  readonly suspect: boolean
  /** Why it counts as dead. */
  readonly dead: string | undefined
  /** The last stream that the other side has begun, by its GOAWAY. */
  readonly lastStream: number
}

function keepWatch(session: ClientHttp2Session, socket: Socket, watch: Watch): Life {
  let seen = socket.bytesRead
  let silent = 0
  let dead: string | undefined
  let lastStream = Number.POSITIVE_INFINITY
  const ping = (): void => {
    if (!session.destroyed) session.ping(() => {})
  }
  const timer = setInterval(() => {
    silent = socket.bytesRead === seen ? silent + 1 : 0
    seen = socket.bytesRead
    if (silent === watch.pingAfter) ping()
    if (silent < watch.deadAfter) return
    const seconds = (watch.deadAfter * watch.everyMs) / 1_000
    dead = `the connection gave no sign of life for ${seconds} s. Something on the way, such as a firewall or a NAT gateway, has dropped it.`
    session.destroy(new Error(dead))
  }, watch.everyMs).unref()
  // Its streams get the session's errors too.
  session.on('error', () => {}).once('close', () => clearInterval(timer))
  session.on('goaway', (_code, last) => {
    lastStream = Math.min(lastStream, last)
  })
  return {
    ping,
    get suspect() {
      return silent > watch.pingAfter
    },
    get dead() {
      return dead
    },
    get lastStream() {
      return lastStream
    },
  }
}

interface On {
  readonly session: ClientHttp2Session
  readonly endpoint: string
  readonly life: Life
}

function exchange(on: On, request: Outgoing, signal: AbortSignal) {
  const { session, endpoint, life } = on
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const stream = begin(on, request)
  const incoming = new Incoming()
  let unsent = false
  let cause: unknown
  /** Settles the call; only the first end counts. @returns whether it was the first */
  const settle = (ended: boolean, failure?: () => unknown): boolean => {
    const answer = incoming.whole(ended)
    if (answer !== null) resolve(answer)
    else if (failure !== undefined) reject(failure())
    else return false
    signal.removeEventListener('abort', onAbort)
    return true
  }
  const onAbort = (): void => {
    settle(false, () => signal.reason)
    stream.close(constants.NGHTTP2_CANCEL)
  }
  const checkSize = (): void => {
    const { status } = incoming
    if (!incoming.tooLarge || status === undefined) return
    settle(false, () => new AnswerTooLargeError(endpoint, status))
    stream.close(constants.NGHTTP2_CANCEL)
  }
  const broken = (): BrokenCallError =>
    new BrokenCallError({
      endpoint,
      cause,
      status: incoming.status,
      what: life.dead ?? whatEnded(stream, session),
      unprocessed:
        unsent || stream.rstCode === constants.NGHTTP2_REFUSED_STREAM || (stream.id ?? 0) > life.lastStream,
    })
  stream.on('response', (headers) => {
    const { ':status': status = 0, ...rest } = headers
    incoming.start(status, rest)
    checkSize()
  })
  stream.on('data', (chunk: Uint8Array) => {
    incoming.add(chunk)
    if ((incoming.status ?? 0) < 300) request.onBytes?.(chunk)
    checkSize()
  })
  // A reset stream ends, too.
  stream.once('end', () => settle(stream.rstCode === constants.NGHTTP2_NO_ERROR))
  stream.on('error', (error) => {
    cause = error
  })
  stream.on('frameError', (type) => {
    unsent = type === HEADERS_FRAME
  })
  stream.once('close', () => settle(false, broken))
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  else stream.end(request.body)
  return promise
}

function whatEnded({ rstCode = 0 }: ClientHttp2Stream, session: ClientHttp2Session): string {
  const name = CODES.get(rstCode) ?? String(rstCode)
  if (session.destroyed) return `the connection was closed (HTTP/2 ${name}).`
  const look = name === 'HTTP_1_1_REQUIRED' ? ' Set QUARRY_AWS_HTTP_VERSION to 1.1.' : ''
  return `the other side ended it (HTTP/2 ${name}).${look}`
}

const CODES = new Map(
  Object.entries(constants)
    .filter(([name]) =>
      /^NGHTTP2_([A-Z_]+_ERROR|NO_ERROR|CANCEL|REFUSED_STREAM|STREAM_CLOSED|ENHANCE_YOUR_CALM|SETTINGS_TIMEOUT|CONNECT_ERROR|INADEQUATE_SECURITY|HTTP_1_1_REQUIRED)$/.test(
        name,
      ),
    )
    .map(([name, code]) => [Number(code), name.replace('NGHTTP2_', '')] as const),
)

const NOT_BEGUN = new Set([
  'ERR_HTTP2_INVALID_SESSION',
  'ERR_HTTP2_GOAWAY_SESSION',
  'ERR_HTTP2_OUT_OF_STREAMS',
])

function begin({ session, endpoint }: On, { method, path, authority, headers, body }: Outgoing) {
  const start = { ':method': method, ':path': path, ':scheme': 'https', ':authority': authority }
  try {
    return session.request({ ...start, ...headers }, { endStream: body === undefined })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    const what = `Node does not begin it (${code}).`
    throw new BrokenCallError(
      NOT_BEGUN.has(code)
        ? { endpoint, what, cause, unprocessed: true }
        : { endpoint, what, cause, beforeSending: true },
    )
  }
}
