// How this process reaches AWS: one set of connections for all clients of the SDK, as its request handler. HTTP/2 where the other side
// offers it, otherwise HTTP/1.1; directly or through a proxy (docs/adr/0006).
import { readFileSync } from 'node:fs'
import { validateHeaderValue } from 'node:http'
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'
import { buildQueryString, type HttpRequest, HttpResponse } from '@smithy/core/protocols'
import { writeHostPort } from '../job/host-port.ts'
import { refusedByProxy } from './connect-error.ts'
import type { Answer, Connection, Outgoing } from './connection.ts'
import { type ConnectionPool, makeConnectionPool } from './connection-pool.ts'
import { openH1 } from './h1-connection.ts'
import { openH2, WATCH, type Watch } from './h2-connection.ts'
import { type OpenSocket, openSocket } from './open-socket.ts'
import { type Endpoint, endpointOf, type ProxyRules, type ProxyServer, proxyFor } from './proxy-route.ts'

/** How to reach AWS. */
export interface AwsWay extends ProxyRules {
  /** A PEM file with certificates to trust in addition to the usual ones (`AWS_CA_BUNDLE`). */
  readonly caBundle?: string | undefined
  /** Over TLS. `auto`: HTTP/2 where it is offered. */
  readonly httpVersion?: 'auto' | '1.1' | '2' | undefined
}

/** Tests set smaller bounds. */
export interface AwsHttpOptions extends AwsWay {
  readonly connectTimeoutMs?: number
  readonly watch?: Watch
}

/** What the SDK passes on of a call's options. */
export interface HandlerOptions {
  readonly abortSignal?: unknown
  readonly requestTimeout?: number
  readonly onBytes?: Outgoing['onBytes']
}

/** The SDK's `requestHandler`. */
export interface AwsRequestHandler {
  readonly metadata: { readonly handlerProtocol: string }
  handle(request: HttpRequest, options?: HandlerOptions): Promise<{ response: HttpResponse }>
  updateHttpClientConfig(): void
  httpHandlerConfigs(): Record<string, never>
  /** Does nothing, because the connections are shared. */
  destroy(): void
}

export interface AwsHttp extends AwsRequestHandler {
  /** The same, with a time limit for each call. */
  within(limitMs: number): AwsRequestHandler
  /** Ends all connections and the calls on them. */
  close(): void
}

/** Limit of all steps of connecting together. A resolver retries after 5 s if a packet was lost, which is still in time. */
const CONNECT_TIMEOUT_MS = 7_000

/**
 * Larger bodies get connections of their own: the calls on an HTTP/2 connection share its window, 64 KB at first, and a short call would
 * wait behind megabytes of others.
 */
const LARGE_BYTES = 64 * 1024

const ALPN = { auto: ['h2', 'http/1.1'], '1.1': ['http/1.1'], '2': ['h2'] } as const

/** @throws Error when the file of certificates cannot be read */
export function makeAwsHttp(options: AwsHttpOptions = {}): AwsHttp {
  const connectTo = makeConnector(options)
  const pools = new Map<string, ConnectionPool>()
  const poolFor = (endpoint: Endpoint, { body }: Outgoing): ConnectionPool => {
    const place = writeHostPort(endpoint)
    const size = (body?.length ?? 0) > LARGE_BYTES ? 'large' : 'small'
    const id = `${endpoint.protocol}//${place} ${size}`
    const pool = pools.get(id) ?? makeConnectionPool(place, async () => (await connectTo(endpoint)).begin())
    pools.set(id, pool)
    return pool
  }
  const withLimit = (limitMs: number | undefined): AwsRequestHandler => ({
    // With h2 the SDK would leave the host header out.
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request, { abortSignal, requestTimeout = limitMs, onBytes } = {}) {
      const limits: AbortSignal[] = []
      if (abortSignal instanceof AbortSignal) limits.push(abortSignal)
      if (requestTimeout !== undefined && requestTimeout !== 0)
        limits.push(AbortSignal.timeout(requestTimeout))
      const [only, ...others] = limits
      const signal = only !== undefined && others.length === 0 ? only : AbortSignal.any(limits)
      const endpoint = endpointOfRequest(request)
      const sent = { ...outgoing(request), onBytes }
      // The SDK keeps its request for the length of the call.
      Object.assign(request, { headers: {}, body: undefined })
      const answer = await sendOver(poolFor(endpoint, sent), sent, signal)
      if (answer.status === 407 && endpoint.protocol === 'http:') {
        const proxy = proxyFor(endpoint, options)
        if (proxy !== null) throw refusedByProxy(writeHostPort(endpoint), proxy, 407)
      }
      return { response: new HttpResponse({ ...answer, statusCode: answer.status }) }
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  })
  return {
    ...withLimit(undefined),
    within: withLimit,
    close() {
      for (const pool of pools.values()) pool.close()
      pools.clear()
    },
  }
}

/** Sends a call; once more over another connection if AWS certainly did not begin it. */
async function sendOver(pool: ConnectionPool, request: Outgoing, signal: AbortSignal): Promise<Answer> {
  try {
    return await (await pool.take(signal)).send(request, signal)
  } catch (error) {
    const unprocessed = error instanceof Error && 'unprocessed' in error && error.unprocessed === true
    if (!unprocessed || signal.aborted) throw error
  }
  return (await pool.take(signal)).send(request, signal)
}

/** The result of connecting. */
export interface Connected extends OpenSocket {
  readonly proxy: ProxyServer | null
  /** Starts HTTP on it. @throws ConnectError */
  begin(): Promise<Connection>
}

/** @returns a function that connects. It throws ConnectError. */
export function makeConnector({
  caBundle,
  httpVersion = 'auto',
  connectTimeoutMs: timeoutMs = CONNECT_TIMEOUT_MS,
  watch = WATCH,
  ...proxies
}: AwsHttpOptions): (endpoint: Endpoint) => Promise<Connected> {
  const secureContext = trusting(caBundle)
  return async (target) => {
    const proxy = proxyFor(target, proxies)
    const endpoint = writeHostPort(target)
    const begunAt = performance.now()
    const opened = await openSocket(target, proxy, { secureContext, alpn: ALPN[httpVersion], timeoutMs })
    const { socket, version } = opened
    return {
      ...opened,
      proxy,
      async begin() {
        if (version === 'h2') {
          const settingsWithinMs = Math.max(1, timeoutMs - (performance.now() - begunAt))
          return openH2({ socket, endpoint, watch, settingsWithinMs })
        }
        if (proxy === null || target.protocol === 'https:') return openH1({ socket, endpoint })
        const headers = proxy.authorization === null ? {} : { 'proxy-authorization': proxy.authorization }
        const { origin } = new URL(`http://${endpoint}`)
        return openH1({ socket, endpoint, proxied: { origin, headers } })
      },
    }
  }
}

function endpointOfRequest({ protocol, hostname, port }: HttpRequest): Endpoint {
  const host = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname
  const url = new URL(`${protocol}//${host}${port === undefined ? '' : `:${port}`}`)
  const endpoint = endpointOf(url)
  if (endpoint === null) throw new Error(`${url.protocol} is no scheme of AWS: it is https: or http:`)
  return endpoint
}

function outgoing(request: HttpRequest): Outgoing {
  const query = buildQueryString(request.query ?? {})
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers)) {
    checkHeader(name, value)
    headers[name.toLowerCase()] = value
  }
  const { host = request.hostname, ...rest } = headers
  return {
    method: request.method,
    path: query === '' ? request.path : `${request.path}?${query}`,
    authority: host,
    headers: rest,
    body: bodyOf(request.body),
  }
}

function bodyOf(body: unknown): Outgoing['body'] {
  if (body === undefined || body === null || body === '') return undefined
  if (typeof body === 'string') return body
  if (body instanceof Uint8Array) return body.length === 0 ? undefined : body
  throw new Error('The body of a request to AWS is neither a text nor bytes')
}

/** HTTP/2 would send such a value as it is, and the other side would drop it. The value may be a secret. */
function checkHeader(name: string, value: string): void {
  try {
    validateHeaderValue(name, value)
  } catch {
    const message = `The request cannot be sent: its header ${name} has characters that HTTP does not allow. Look for blanks and line ends around the credentials.`
    throw Object.assign(new Error(message), { beforeSending: true })
  }
}

/**
 * The TLS context for all connections. Made once: reading some 150 authorities takes tens of milliseconds.
 * @param caBundle - a PEM file with certificates to trust in addition to the usual ones (`AWS_CA_BUNDLE`).
 * @throws Error when the file cannot be read.
 */
function trusting(caBundle: string | undefined): SecureContext {
  return createSecureContext(
    caBundle === undefined ? {} : { ca: [...getCACertificates('default'), readFileSync(caBundle, 'utf8')] },
  )
}
