// Servers on loopback that stand in for AWS and for what is on the way there: HTTP/2, HTTP/1.1, a proxy, and failures.
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http'
import {
  createSecureServer,
  type IncomingHttpHeaders,
  type SecureServerOptions,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer as createHttps } from 'node:https'
import { connect, createServer as createTcp, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HttpRequest } from '@smithy/core/protocols'
import { type Certificate, makeCertificate } from '../../sim/certificate.ts'
import type { AwsRequestHandler } from '../../src/aws/aws-http.ts'

export interface TestServer {
  readonly port: number
  /** Connections taken so far. */
  readonly connections: () => number
  readonly sockets: ReadonlySet<Socket>
  stop(): Promise<void>
}

export interface Trust extends Certificate {
  /** A PEM file of it. */
  readonly caBundle: string
  remove(): Promise<void>
}

/** A certificate for loopback, and the file that names it as an authority. */
export async function makeTrust(names: readonly string[] = ['localhost', '127.0.0.1']): Promise<Trust> {
  const made = await makeCertificate(names)
  const folder = await mkdtemp(join(tmpdir(), 'quarry-trust-'))
  const caBundle = join(folder, 'ca.pem')
  await writeFile(caBundle, made.certificate)
  return { ...made, caBundle, remove: () => rm(folder, { recursive: true }) }
}

/** Listens on a free port. */
export async function started(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    connections: () => connections,
    sockets,
    async stop() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

/** HTTP/2 over TLS, and nothing else. */
export function startH2(
  { certificate: cert, key }: Certificate,
  answer: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void,
  options: SecureServerOptions = {},
): Promise<TestServer> {
  const server = createSecureServer({ cert, key, ...options })
  server.on('sessionError', () => {})
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    answer(stream, headers)
    if (stream.listenerCount('readable') === 0) stream.resume()
  })
  return started(server)
}

/** HTTP/2 over TLS, and HTTP/1.1 for those who ask for it. */
export function startCompat(
  { certificate: cert, key }: Certificate,
  answer: RequestListener,
  allowHTTP1: boolean,
): Promise<TestServer> {
  const server = createSecureServer({ cert, key, allowHTTP1 })
  // Both kinds of requests have what the tests use.
  server.on('request', (request, response) => answer(request as never, response as never))
  return started(server)
}

/** HTTP/1.1 over TLS, and nothing else. */
export function startTls11(
  { certificate: cert, key }: Certificate,
  answer: RequestListener,
): Promise<TestServer> {
  return started(createHttps({ cert, key }, answer))
}

export function startHttp(answer: RequestListener): Promise<TestServer> {
  return started(createHttp(answer))
}

/** Takes connections, and handles them as given. */
export function startTcp(take: (socket: Socket) => void): Promise<TestServer> {
  return started(createTcp(take))
}

export interface TestProxy extends TestServer {
  readonly url: string
  /** The request lines that came. */
  readonly asked: readonly string[]
  /** Values of `proxy-authorization` that came. */
  readonly authorizations: readonly (string | undefined)[]
}

/**
 * A proxy: tunnels for CONNECT, and answers what it is asked in absolute form.
 * @param status - its answer, when it refuses.
 * @param leadsTo - `host:port` that all tunnels lead to, whatever is asked for.
 */
export async function startProxy(status = 200, tls?: Certificate, leadsTo?: string): Promise<TestProxy> {
  const asked: string[] = []
  const authorizations: (string | undefined)[] = []
  const note = ({ method, url, headers }: IncomingMessage): void => {
    asked.push(`${method} ${url}`)
    authorizations.push(headers['proxy-authorization'])
  }
  const forward: RequestListener = (request, response) => {
    note(request)
    response.writeHead(status).end('{"by":"proxy"}')
  }
  const server =
    tls === undefined ? createHttp(forward) : createHttps({ cert: tls.certificate, key: tls.key }, forward)
  server.on('connect', (request: IncomingMessage, near: Socket) => {
    note(request)
    near.on('error', () => {})
    if (status !== 200) return near.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`)
    const { hostname, port } = new URL(`http://${leadsTo ?? request.url}`)
    const far = connect(Number(port), hostname)
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
    near.on('close', () => far.destroy())
    far.once('connect', () => {
      near.write('HTTP/1.1 200 Yes\r\n\r\n')
      near.pipe(far).pipe(near)
    })
  })
  const running = await started(server)
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${running.port}`
  return { ...running, url, asked, authorizations }
}

/** Sends one request as the SDK does, and gives status and text. */
export async function ask(
  handler: AwsRequestHandler,
  address: string,
  { body = '{}', signal }: { readonly body?: string; readonly signal?: AbortSignal } = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const { protocol, hostname, port, pathname } = new URL(address)
  const request = new HttpRequest({
    ...{ protocol, hostname, method: 'POST', path: pathname, body },
    ...(port === '' ? {} : { port: Number(port) }),
    headers: { host: `${hostname}${port === '' ? '' : `:${port}`}`, 'content-type': 'application/json' },
  })
  const { response } = await handler.handle(request, signal === undefined ? {} : { abortSignal: signal })
  return { status: response.statusCode, text: Buffer.from(response.body).toString('utf8') }
}
