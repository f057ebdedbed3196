// The two listeners: HTTP/1.1, and TLS with HTTP/2 or HTTP/1.1 as the caller chooses. Decides nothing.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Certificate } from './certificate.ts'
import { Exchange, type WireRequest, type WireResponse } from './exchange.ts'

/** Both listeners, open. */
export interface Listeners {
  port: number
  tlsPort: number
  /** Closes both and every connection. */
  close(): Promise<void>
}

/** Where to listen. */
export interface ListenOptions {
  host: string
  port: number
  tlsPort: number
  certificate: Certificate
  /** The clock that dates answers: ms since the epoch. */
  clock: () => number
}

/** Longer than load tests pause, so that an idle connection is not closed under a caller's next request. */
const KEEP_ALIVE_MS = 120_000

/**
 * Opens both listeners and hands each request to `serve`.
 * @throws Error naming the address and what to do, when a port is taken or not allowed
 */
export async function openListeners(
  { host, port, tlsPort, certificate, clock }: ListenOptions,
  serve: (exchange: Exchange) => void,
): Promise<Listeners> {
  const onRequest = (request: WireRequest, response: WireResponse) =>
    serve(new Exchange(request, response, clock))
  const plain = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, onRequest)
  const secure = createSecureServer(
    {
      allowHTTP1: true,
      cert: certificate.certificate,
      key: certificate.key,
      // The defaults refuse streams once 10 MB of bodies are in memory.
      maxSessionMemory: 1024,
      settings: { initialWindowSize: 1024 * 1024, maxConcurrentStreams: 10_000 },
      // These limits are against attacks; a load test that aborts its calls must not hit them.
      streamResetBurst: 100_000,
      streamResetRate: 10_000,
    },
    onRequest,
  )
  // A caller may hang up, or not trust the certificate, at any point: that ends its connection and nothing else.
  secure.on('sessionError', () => {})
  secure.on('tlsClientError', (_error, socket) => socket.destroy())
  const servers = [trackConnections(plain), trackConnections(secure)]
  try {
    await listen(plain, host, port, '--port')
    await listen(secure, host, tlsPort, '--tls-port')
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()))
    throw error
  }
  return {
    port: portOf(plain),
    tlsPort: portOf(secure),
    close: async () => {
      await Promise.all(servers.map((server) => server.close()))
    },
  }
}

function trackConnections(server: Server): { close(): Promise<void> } {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  return {
    async close() {
      const closed = server.listening ? once(server, 'close') : undefined
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function listen(server: Server, host: string, port: number, flag: string): Promise<void> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    throw new Error(
      `The Bedrock stand-in cannot listen on ${host} port ${port} (${cause}). Choose another port with ${flag}, or 0 for any free one.`,
      { cause: error },
    )
  }
  server.on('error', (error) => process.emitWarning(error))
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}
