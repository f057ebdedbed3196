// One connection to an AWS endpoint: name look-up, TCP, a proxy's tunnel, TLS. All steps share one limit, which is not the time limit of a
// call. Errors name the failed step.
import { request } from 'node:http'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls'
import type { ConnectStep } from '../job/call-failure.ts'
import { writeHostPort } from '../job/host-port.ts'
import { ConnectError, connectError, refusedByProxy } from './connect-error.ts'
import type { Endpoint, ProxyServer } from './proxy-route.ts'

export interface OpenOptions {
  /** Certificates to trust. */
  readonly secureContext: SecureContext
  /** HTTP versions to offer over TLS, in order of preference. */
  readonly alpn: readonly ('h2' | 'http/1.1')[]
  /** Limit of all steps together, ms. */
  readonly timeoutMs: number
}

/** A connection ready for HTTP. */
export interface OpenSocket {
  readonly socket: Socket
  readonly version: 'h2' | 'http/1.1'
}

/** Firewalls and NAT gateways forget a flow that was silent for some minutes; AWS's own after 350 s. */
const KEEP_ALIVE_MS = 30_000
/** Limit for each address of a name except the last; Node's 250 ms are less than a round trip to a far region. */
const ADDRESS_MS = 1_000

interface Progress {
  step: ConnectStep
  socket: Socket | null
}

/**
 * Connects.
 * @throws ConnectError
 */
export async function openSocket(
  endpoint: Endpoint,
  proxy: ProxyServer | null,
  options: OpenOptions,
): Promise<OpenSocket> {
  const progress: Progress = { step: 'lookup', socket: null }
  const place = { endpoint: writeHostPort(endpoint), proxy, boundMs: options.timeoutMs }
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(connectError({ ...place, step: progress.step }))
    progress.socket?.destroy()
  }, options.timeoutMs)
  try {
    return await Promise.race([walk(endpoint, proxy, options, progress), late.promise])
  } catch (error) {
    progress.socket?.destroy()
    throw error instanceof ConnectError ? error : connectError({ ...place, step: progress.step, error })
  } finally {
    clearTimeout(timer)
  }
}

async function walk(
  endpoint: Endpoint,
  proxy: ProxyServer | null,
  options: OpenOptions,
  progress: Progress,
): Promise<OpenSocket> {
  if (proxy === null) {
    progress.step = isIP(endpoint.host) === 0 ? 'lookup' : 'tcp'
    await reach(endpoint, progress, () => {
      progress.step = 'tcp'
    })
  } else {
    progress.step = 'proxy'
    await reach(proxy, progress)
    if (proxy.protocol === 'https:') await secure(proxy, { ...options, alpn: ['http/1.1'] }, progress)
    if (endpoint.protocol === 'https:') await tunnel(endpoint, proxy, progress)
  }
  if (endpoint.protocol === 'http:') return { socket: opened(progress), version: 'http/1.1' }
  progress.step = 'tls'
  const socket = await secure(endpoint, options, progress)
  return { socket, version: socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1' }
}

function opened({ socket }: Progress): Socket {
  if (socket === null) throw new Error('There is no connection')
  return socket
}

function reach({ host, port }: Endpoint, progress: Progress, found = () => {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, autoSelectFamilyAttemptTimeout: ADDRESS_MS })
    progress.socket = socket
    socket.on('lookup', (error) => {
      if (error === null) found()
    })
    // The listener stays: an error without a listener would end the process.
    socket.on('error', reject).once('connect', () => {
      socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS)
      resolve()
    })
  })
}

function secure(
  { host }: Endpoint,
  { secureContext, alpn }: Pick<OpenOptions, 'secureContext' | 'alpn'>,
  progress: Progress,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: opened(progress),
      host,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ALPNProtocols: [...alpn],
      secureContext,
    })
    progress.socket = socket
    socket.on('error', reject).once('secureConnect', () => resolve(socket))
  })
}

/** CONNECT (https://www.rfc-editor.org/rfc/rfc9110#name-connect). */
function tunnel(endpoint: Endpoint, proxy: ProxyServer, progress: Progress): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = opened(progress)
    const target = writeHostPort(endpoint)
    const asked = request({
      method: 'CONNECT',
      path: target,
      headers: {
        host: target,
        connection: 'keep-alive',
        'proxy-connection': 'keep-alive',
        ...(proxy.authorization === null ? {} : { 'proxy-authorization': proxy.authorization }),
      },
      createConnection: () => socket,
    })
    asked.on('error', reject)
    asked.once('connect', ({ statusCode = 0 }, _socket, head) => {
      if (statusCode < 200 || statusCode > 299) return reject(refusedByProxy(target, proxy, statusCode))
      if (head.length > 0) socket.unshift(head)
      resolve()
    })
    asked.end()
  })
}
