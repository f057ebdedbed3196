// The searches for incidents and jobs of Camunda's REST API (8.8), which the embedded engine does not have, answered from its records:
// `quarry retry` finds incidents by them.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { EngineRecord, EngineRecords } from './records.ts'

export interface IncidentSearches {
  /** `http://127.0.0.1:port`. */
  readonly url: string
  stop(): Promise<void>
}

/** What is answered in place of a search. */
export interface Refusal {
  readonly status: number
  readonly detail: string
}

type Filter = Readonly<Record<string, string>>

/** @param refused read at each search; null for an answer. */
export async function startIncidentSearches(
  records: EngineRecords,
  refused: () => Refusal | null = () => null,
): Promise<IncidentSearches> {
  const searches = new Map([
    ['/v2/incidents/search', incidents],
    ['/v2/jobs/search', jobs],
  ])
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', async () => {
      const search = request.method === 'POST' ? searches.get(request.url ?? '') : undefined
      const wrong = search === undefined ? { status: 404, detail: 'no such endpoint' } : refused()
      if (search === undefined || wrong !== null) {
        const headers = { 'content-type': 'application/problem+json' }
        const body = JSON.stringify({ title: 'FORBIDDEN', ...wrong })
        response.writeHead(wrong?.status ?? 404, headers).end(body)
        return
      }
      try {
        const { filter } = JSON.parse(Buffer.concat(chunks).toString('utf8'))
        const body = JSON.stringify({ items: await search(records, filter) })
        response.writeHead(200, { 'content-type': 'application/json' }).end(body)
      } catch {
        // The engine has ended.
        response.writeHead(503).end()
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function incidents(records: EngineRecords, filter: Filter): Promise<object[]> {
  const found = new Map<string, string>()
  for (const { key, intent, value } of await all(records, 'INCIDENT')) {
    if (String(value['jobKey']) !== filter['jobKey']) continue
    if (intent === 'CREATED') found.set(key, 'ACTIVE')
    if (intent === 'RESOLVED') found.set(key, 'RESOLVED')
  }
  return [...found]
    .map(([incidentKey, state]) => ({ incidentKey, state }))
    .filter((one) => (filter['state'] ?? one.state) === one.state)
    .filter((one) => (filter['incidentKey'] ?? one.incidentKey) === one.incidentKey)
}

async function jobs(records: EngineRecords, { jobKey }: Filter): Promise<object[]> {
  const created = (await all(records, 'JOB')).find(
    ({ key, intent }) => key === jobKey && intent === 'CREATED',
  )
  return created === undefined
    ? []
    : [{ jobKey, type: created.value['type'], tenantId: created.value['tenantId'] }]
}

async function all(records: EngineRecords, valueType: string): Promise<EngineRecord[]> {
  const found: EngineRecord[] = []
  for (let position = -1; ; ) {
    const read = await records.since(position, { valueType, limit: 10_000 })
    found.push(...read.records)
    if (read.position === position) return found
    position = read.position
  }
}
