// Against the stand-in's document store.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sim, startSim } from '../../sim/sim.ts'
import { makeRestClient, type RestClient } from '../../src/camunda/rest-client.ts'
import type { CamundaReference } from '../../src/connector/documents/document-reference.ts'
import { makeCamundaDocuments } from '../../src/documents/camunda-documents.ts'
import { makeDocumentSource } from '../../src/documents/document-source.ts'
import { makeDownloader } from '../../src/documents/download.ts'
import { evaluate } from '../../src/feel/evaluate.ts'

let sim: Sim
let rest: RestClient
const never = new AbortController().signal

beforeAll(async () => {
  sim = await startSim()
  rest = makeRestClient({ address: sim.url })
})
afterAll(async () => {
  await rest?.close()
  await sim?.stop()
})

function camunda(documentId: string | null, size: number | null = null): CamundaReference {
  const none = { contentType: null, expiresAt: null, fileName: 'a.txt' }
  const metadata = {
    ...none,
    size,
    processDefinitionId: null,
    processInstanceKey: null,
    customProperties: null,
  }
  return { kind: 'camunda', storeId: 'in memory', documentId, contentHash: 'h', metadata }
}

interface Given {
  readonly client?: RestClient | null
  readonly maxBytes?: number
  readonly maxJobBytes?: number
  readonly memoryBytes?: number
}

function source({ client = rest, maxBytes = 1000, maxJobBytes = 1000, memoryBytes = 2000 }: Given = {}) {
  return makeDocumentSource({
    camunda: makeCamundaDocuments({ rest: client, maxBytes, timeoutMs: 5_000 }),
    downloader: makeDownloader({ allowedHosts: [], maxBytes, timeoutMs: 5_000 }),
    evaluate: async (expression, context) => evaluate(expression, context),
    maxJobBytes,
    memoryBytes,
  })
}

async function content(reference: CamundaReference, options = {}): Promise<string> {
  const session = source(options).open()
  await session.fulfil([{ kind: 'content', reference }], never)
  const got = session.supply.content(reference)
  session.close()
  return got.ok ? Buffer.from(got.value.bytes).toString() : got.error.message
}

test('a document of Camunda is read by its id, store and hash', async () => {
  expect(await content(camunda('a/b?c'))).toBe('DOC')
})

test('a refusal of Camunda is worded as in the Java client', async () => {
  expect(await content(camunda('missing'))).toBe(
    "Failed to read document content: Failed with code 404: 'Not Found'. Details: 'class ProblemDetail {\n    type: about:blank\n    title: io.camunda.document.api.DocumentError$DocumentNotFound\n    status: 404\n    detail: Document with id 'missing' not found\n    instance: /v2/documents/missing\n}'",
  )
})

test('without an address, an id or a server the failure message names the remedy', async () => {
  expect(await content(camunda('d'), { client: null })).toContain('set ZEEBE_REST_ADDRESS')
  expect(await content(camunda(null))).toBe('Failed to read document content: documentId must not be null')
  // As a path it would lead elsewhere in Camunda's API, with our token.
  for (const id of ['.', '..']) {
    expect(await content(camunda(id))).toBe(`Failed to read document content: '${id}' is no documentId`)
  }
  const gone = makeRestClient({ address: 'http://127.0.0.1:1' })
  expect(await content(camunda('d'), { client: gone })).toMatch(
    /^Failed to read document content: GET .* failed/,
  )
  await gone.close()
})

test('one document may be too large, and so may several together', async () => {
  expect(await content(camunda('d'), { maxBytes: 2 })).toContain('more than 2 bytes')
  const session = source({ maxJobBytes: 5 }).open()
  await session.fulfil([{ kind: 'content', reference: camunda('d') }], never)
  await session.fulfil([{ kind: 'content', reference: camunda('e') }], never)
  expect(session.supply.content(camunda('d')).ok).toBe(true)
  const second = session.supply.content(camunda('e'))
  expect(!second.ok && second.error.message).toContain('QUARRY_JOB_DOCUMENTS_MAX_BYTES')
  session.close()
})

test('a job waits for memory until another job releases its documents', async () => {
  const shared = source()
  const [first, second] = [shared.open(), shared.open()]
  await first.fulfil([{ kind: 'content', reference: camunda('d', 1500) }], never)
  await first.fulfil([{ kind: 'content', reference: camunda('f', 1500) }], never)
  const reference = camunda('e', 1999)
  let isThere = false
  const waiting = second.fulfil([{ kind: 'content', reference }], never).then(() => {
    isThere = true
  })
  // After another round trip to the same server, a job that does not wait would be there.
  await first.fulfil([{ kind: 'content', reference: camunda('g') }], never)
  expect(isThere).toBe(false)
  first.close()
  await waiting
  expect(second.supply.content(reference).ok).toBe(true)
})

test('a document larger than announced is dropped, and fetched again when there is memory for it', async () => {
  const shared = source({ memoryBytes: 4 })
  const [first, second] = [shared.open(), shared.open()]
  await first.fulfil([{ kind: 'content', reference: camunda('d', 1) }], never)
  const reference = camunda('e', 1)
  let isThere = false
  const waiting = second.fulfil([{ kind: 'content', reference }], never).then(() => {
    isThere = true
  })
  // Time enough for everything that does not wait.
  for (const id of ['f', 'g', 'h']) await content(camunda(id, 1))
  expect(isThere).toBe(false)
  first.close()
  await waiting
  expect(second.supply.content(reference).ok).toBe(true)
  second.close()
})

test('jobs that hold documents and want more do not deadlock', async () => {
  const shared = source({ memoryBytes: 6 })
  const references = ['d', 'e', 'f'].map((id) => camunda(id, 0))
  await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const session = shared.open()
      for (const reference of references) await session.fulfil([{ kind: 'content', reference }], never)
      expect(references.every((reference) => session.supply.content(reference).ok)).toBe(true)
      session.close()
    }),
  )
})

test('a document session also provides links and expressions', async () => {
  const session = source().open()
  const link = { kind: 'link', reference: camunda('d.txt'), timeToLiveMs: 1000 } as const
  await session.fulfil([link], never)
  expect(session.supply.value(link)).toEqual({ ok: true, value: `${sim.url}/__doc/d.txt` })
  const evaluation = { kind: 'evaluation', expression: 'a + 1', context: { a: 1 } } as const
  await session.fulfil([evaluation], never)
  expect(session.supply.value(evaluation)).toEqual({ ok: true, value: 2 })
})

test('documents are fetched a few at a time, whatever size they announce, and messages only name hosts', async () => {
  const session = source().open()
  const references = Array.from({ length: 20 }, (_, index) => camunda(`d${index}`, 64 * 1024 * 1024))
  const needs = references.map((reference) => ({ kind: 'content', reference }) as const)
  const fetching = session.fulfil(needs, never)
  await new Promise(setImmediate)
  expect(session.fetching()).toBe("Camunda's document store")
  await fetching
  expect(references.every((reference) => session.supply.content(reference).ok)).toBe(true)
  session.close()
})

test('a stopped document session has released its memory when it rejects', async () => {
  const shared = source({ memoryBytes: 10 })
  const session = shared.open()
  const stop = new AbortController()
  const needs = ['a', 'b', 'c', 'd', 'e', 'f'].map(
    (id) => ({ kind: 'content', reference: camunda(id) }) as const,
  )
  const stopped = session.fulfil(needs, stop.signal)
  stop.abort(new Error('stopped'))
  await expect(stopped).rejects.toThrow('stopped')
  session.close()
  const next = shared.open()
  await next.fulfil([{ kind: 'content', reference: camunda('z') }], never)
  expect(next.supply.content(camunda('z')).ok).toBe(true)
  next.close()
})
