// What may stand before Bedrock: a gateway that speaks HTTP/1.1 only, and one of HTTP/2 that resets streams.
import type { IncomingMessage } from 'node:http'
import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2'
import { buffer } from 'node:stream/consumers'
import { startH2, startTls11, type TestServer, type Trust } from '../aws/servers.ts'
import type { StandIn } from './stand-in.ts'

interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: Buffer
}

async function forward(
  standIn: StandIn,
  path: string,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<Answer> {
  const passed = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(':') || /^(host|connection|content-length)$/.test(name) || value === undefined
      ? []
      : [[name, String(value)] as [string, string]],
  )
  const answer = await fetch(`${standIn.url}${path}`, {
    method: 'POST',
    headers: passed,
    body: new Uint8Array(body),
  })
  const back = [...answer.headers].filter(
    ([name]) => !/^(connection|keep-alive|transfer-encoding|content-encoding)$/.test(name),
  )
  return {
    status: answer.status,
    headers: Object.fromEntries(back),
    body: Buffer.from(await answer.arrayBuffer()),
  }
}

/** Speaks HTTP/1.1 over TLS, and no HTTP/2. */
export function startPlainFront(standIn: StandIn, trust: Trust): Promise<TestServer> {
  const serve = async (request: IncomingMessage): Promise<Answer> =>
    forward(standIn, request.url ?? '/', request.headers, await buffer(request))
  return startTls11(trust, (request, response) => {
    serve(request).then(
      ({ status, headers, body }) => response.writeHead(status, headers).end(body),
      () => response.destroy(),
    )
  })
}

const { NGHTTP2_NO_ERROR, NGHTTP2_CANCEL, NGHTTP2_REFUSED_STREAM, NGHTTP2_PROTOCOL_ERROR } = constants
const { NGHTTP2_INTERNAL_ERROR, NGHTTP2_ENHANCE_YOUR_CALM } = constants

/** How a job's first stream ends; the second and all further ones are answered. */
const WAYS = [
  'NO_ERROR',
  'CANCEL',
  'REFUSED_STREAM',
  'ENHANCE_YOUR_CALM',
  'INTERNAL_ERROR',
  'PROTOCOL_ERROR',
  'half an answer',
  'GOAWAY before it',
] as const
const CODES: Readonly<Record<string, number>> = {
  ...{ NO_ERROR: NGHTTP2_NO_ERROR, CANCEL: NGHTTP2_CANCEL, REFUSED_STREAM: NGHTTP2_REFUSED_STREAM },
  ...{ ENHANCE_YOUR_CALM: NGHTTP2_ENHANCE_YOUR_CALM, INTERNAL_ERROR: NGHTTP2_INTERNAL_ERROR },
  PROTOCOL_ERROR: NGHTTP2_PROTOCOL_ERROR,
}

export interface ResettingFront extends TestServer {
  /** Streams that were ended before a whole answer. */
  readonly resets: () => number
  /** Answers that the stand-in gave, and that were passed on by half, or to a session that had been ended. */
  readonly unheard: () => number
}

/**
 * Speaks HTTP/2, and ends the first stream of each job in a way of its own. Two whole sessions are ended, too, once each and with
 * all their streams: by GOAWAY with an error, and by closing the connection. No job meets more than three ends.
 */
export async function startResettingFront(standIn: StandIn, trust: Trust): Promise<ResettingFront> {
  const seen = new Set<string>()
  const ended = new WeakSet<object>()
  const count = { resets: 0, unheard: 0 }
  const endSession = (session: ServerHttp2Stream['session']): ServerHttp2Stream['session'] => {
    if (session !== undefined) ended.add(session)
    return session
  }
  const serve = async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): Promise<void> => {
    const body = await buffer(stream)
    const job = /job-\d+\./.exec(body.toString())?.[0] ?? ''
    const path = String(headers[':path'])
    if (seen.has(job)) {
      const answer = await forward(standIn, path, headers, body)
      if (stream.session === undefined || ended.has(stream.session)) count.unheard += 1
      return reply(stream, answer)
    }
    seen.add(job)
    count.resets += 1
    const { session, id = 1 } = stream
    if (seen.size === 15) return endSession(session)?.goaway(NGHTTP2_INTERNAL_ERROR, id)
    if (seen.size === 30) return endSession(session)?.destroy()
    const way = WAYS[seen.size % WAYS.length] ?? 'CANCEL'
    if (way === 'GOAWAY before it' && id > 1) return session?.goaway(NGHTTP2_NO_ERROR, id - 2)
    if (way !== 'half an answer') return stream.close(CODES[way] ?? NGHTTP2_CANCEL)
    count.unheard += 1
    const { status, headers: back, body: whole } = await forward(standIn, path, headers, body)
    if (stream.destroyed) return
    stream.respond({ ...back, ':status': status, 'content-length': String(whole.length) })
    stream.write(whole.subarray(0, whole.length / 2), () => stream.close(NGHTTP2_CANCEL))
  }
  const server = await startH2(trust, (stream, headers) => {
    serve(stream, headers).catch(() => stream.destroy())
  })
  return { ...server, resets: () => count.resets, unheard: () => count.unheard }
}

function reply(stream: ServerHttp2Stream, { status, headers, body }: Answer): void {
  if (stream.destroyed) return
  stream.respond({ ...headers, ':status': status })
  stream.end(body)
}
