// Collects what an engine in a container does: to Zeebe's exporter for Elasticsearch it is one, and to those who read
// records it is the embedded engine's launcher.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { makeRecordLog, type RecordLog } from './record-log.ts'

export interface RecordCollector {
  /** On loopback. */
  readonly port: number
  /** Idempotent. */
  stop(): Promise<void>
}

/** Starts it on a free port. */
export async function startRecordCollector(): Promise<RecordCollector> {
  const log = makeRecordLog()
  const server = createServer((request, response) => {
    answer(log, request).then(
      (json) => send(response, 200, json),
      (error: unknown) => send(response, 500, JSON.stringify({ error: String(error) })),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(log: RecordLog, request: IncomingMessage): Promise<string> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const body = await text(request)
  switch (pathname) {
    case '/records':
      return log.since({
        position: Number(searchParams.get('position') ?? -1),
        valueType: searchParams.get('valueType'),
        limit: Number(searchParams.get('limit') ?? 1_000),
      })
    case '/_bulk':
      log.add(body)
      return JSON.stringify({ took: 0, errors: false, items: [] })
    // Templates and settings of indices.
    default:
      return JSON.stringify({ acknowledged: true })
  }
}

/** Elasticsearch's client takes no answer that does not name the product. */
function send(response: ServerResponse, status: number, json: string): void {
  const headers = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' }
  response.writeHead(status, headers).end(json)
}
