// Ports of loopback that nobody listens on just now.
import { once } from 'node:events'
import { createServer } from 'node:net'

export function freePort(): Promise<number> {
  return listenOnce(0)
}

/** One with another that is free `above` it: a node of a Redis Cluster speaks to its peers on a second port. */
export async function freePortPair(above: number): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (port + above > 65_535) continue
    const second = await listenOnce(port + above).catch(() => null)
    if (second !== null) return port
  }
}

async function listenOnce(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port was found on 127.0.0.1.')
  return address.port
}
