// Reading against a server of its own that lets contents trickle.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseAllowedHost } from '../../src/documents/allowed-hosts.ts'
import { makeCamundaDocuments } from '../../src/documents/camunda-documents.ts'
import { makeDocumentSource } from '../../src/documents/document-source.ts'
import { makeDownloader } from '../../src/documents/download.ts'
import { makeOutcomeRules } from '../../src/execute/outcome-of.ts'
import { makeReadJob } from '../../src/execute/read-request.ts'
import { makeReadingPlaces } from '../../src/execute/reading-places.ts'
import { evaluate } from '../../src/feel/evaluate.ts'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import type { QueuedJob } from '../../src/job/queued-job.ts'
import { makeSecretResolver } from '../../src/secrets/secret-resolver.ts'
import { converse, EXTERNAL } from '../connector/bound-documents.ts'

const lane = 'lane' as LaneName
let server: Server
let host: string

beforeEach(async () => {
  server = createServer((_request, response) => {
    const drops = setInterval(() => response.write('x'), 20)
    response.on('close', () => clearInterval(drops))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

function job(variables: object): QueuedJob {
  return {
    key: jobKey('1'),
    epoch: 1,
    processInstanceKey: '2',
    bpmnProcessId: 'p',
    processDefinitionKey: '3',
    elementId: 'e',
    tenantId: 't',
    retries: 3,
    customHeaders: '{}',
    variables: JSON.stringify(variables),
  }
}

function reader({ places = 8, readTimeoutMs = 300 } = {}) {
  const evaluateHere = async (expression: string, context: object) => evaluate(expression, context as never)
  const allowed = parseAllowedHost(host)
  const documents = makeDocumentSource({
    camunda: makeCamundaDocuments({ rest: null, maxBytes: 1e6, timeoutMs: 60_000 }),
    downloader: makeDownloader({
      allowedHosts: allowed === null ? [] : [allowed],
      maxBytes: 1e6,
      timeoutMs: 60_000,
    }),
    evaluate: evaluateHere,
    maxJobBytes: 1e6,
    memoryBytes: 1e6,
  })
  const read = makeReadJob({
    rules: makeOutcomeRules({
      compatibility: '8.9',
      evaluate: evaluateHere,
      onFault: (_, fault) => {
        throw fault
      },
    }),
    secrets: makeSecretResolver({ providers: [], filter: null, compatibility: '8.9' }),
    bindOptions: () => ({ compatibility: '8.9' }),
    checkLane: () => null,
    checkCredential: (_job, request) => ({ ok: true, request }),
    checkEndpoint: (request) => ({ ok: true, request }),
    readTimeoutMs,
    places: makeReadingPlaces(() => undefined, places),
    random: () => 0,
  })
  return async (asked: QueuedJob, { patienceMs = 60_000, signal = new AbortController().signal } = {}) => {
    const session = documents.open(asked)
    try {
      return await read(asked, { documents: session, signal, lane, patienceMs })
    } finally {
      session.close()
    }
  }
}

const slow = () =>
  job(converse({ newDocuments: [{ ...EXTERNAL, url: `http://${host}/a?signature=secret`, name: 'a.txt' }] }))

describe('a job whose documents arrive slowly', () => {
  test('fails at the time limit for reading, and names the host that it waited for', async () => {
    const read = await reader()(slow())
    expect(read).toMatchObject({ kind: 'ended', facts: { outcome: { kind: 'failed', retries: 2 } } })
    const text = JSON.stringify(read)
    expect(text).toContain(
      `longer than 0.3 s (QUARRY_READ_TIMEOUT of the Quarry workers). It was waiting for ${host}.`,
    )
    expect(text).not.toContain('signature')
  })

  test('is overdue when its patience ends first', async () => {
    expect(await reader()(slow(), { patienceMs: 100 })).toEqual({ kind: 'overdue' })
  })

  test('is delayed if all places for slow jobs are taken', async () => {
    expect(await reader({ places: 0, readTimeoutMs: 60_000 })(slow())).toEqual({
      kind: 'later',
      delayMs: 10_000,
    })
  })

  test('stops when its process stops', async () => {
    const stop = new AbortController()
    const stopped = reader()(slow(), { signal: stop.signal })
    stop.abort()
    expect(await stopped).toEqual({ kind: 'stopped' })
  })
})

test('a job that needs nothing from outside is read without a place', async () => {
  expect(await reader({ places: 0 })(job(converse({})))).toMatchObject({ kind: 'request' })
})
