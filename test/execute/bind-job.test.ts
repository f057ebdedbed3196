import { expect, test } from 'vitest'
import { HERE } from '../../src/aside/aside.ts'
import { MAX_DOCUMENTS } from '../../src/connector/documents/bind-documents.ts'
import { type DocumentNeed, DocumentSupply } from '../../src/connector/documents/document-supply.ts'
import { bindJob } from '../../src/execute/bind-job.ts'
import { evaluate } from '../../src/feel/evaluate.ts'
import { call, converse, EXTERNAL, invoke } from '../connector/bound-documents.ts'

const never = new AbortController().signal

/** Binds with an outside that has every document; `passes` are the needs that each pass but the last told. */
async function bound(variables: object, missing: ReadonlySet<string> = new Set()) {
  const passes: (readonly DocumentNeed[])[] = []
  const supply = new DocumentSupply()
  const session = {
    supply,
    async fulfil(needs: readonly DocumentNeed[]) {
      passes.push(needs)
      for (const need of needs) {
        if (need.kind === 'content') {
          const url = need.reference.kind === 'external' ? (need.reference.url ?? '') : ''
          const error = { type: 'gone', message: `no ${url}`, input: false }
          const value = { bytes: Buffer.from('{"a":1}'), fileName: 'a.txt', contentType: 'text/plain' }
          supply.addContent(need.reference, missing.has(url) ? { ok: false, error } : { ok: true, value })
        } else if (need.kind === 'evaluation') {
          const result = evaluate(need.expression, need.context)
          if (result.ok) supply.addValue(need, result)
        }
      }
    },
    fetching: () => '',
    close: () => undefined,
  }
  const about = { jobKey: '1', processId: 'p' }
  const owner = { tenantId: 't', bpmnProcessId: 'p' }
  const options = { compatibility: '8.9', signal: never, about, owner, aside: HERE } as const
  const result = await bindJob(JSON.stringify(variables), session, options)
  return { result, passes }
}

const external = (count: number, name?: string) =>
  Array.from({ length: count }, (_, index) => ({ ...EXTERNAL, name, url: `https://example.com/${index}` }))

test.each([1, 10, MAX_DOCUMENTS])('%d documents of a job are requested together', async (count) => {
  for (const name of ['a.txt', undefined]) {
    const { result, passes } = await bound(converse({ newDocuments: external(count, name) }))
    expect(result.ok).toBe(true)
    expect(passes.map(({ length }) => length)).toEqual([count])
  }
})

test('documents are fetched from anywhere in the input, and those that functions need in at most two more passes', async () => {
  const [first, second, third, fourth] = external(4, 'a.txt')
  const history = external(20, 'b.txt').map((document) => ({
    role: 'user',
    contentList: [{ text: document }],
  }))
  const { result, passes } = await bound(
    converse({
      newMessage: call('getText', first),
      messagesHistory: history,
      newDocuments: [second, third],
    }),
  )
  expect(result.ok).toBe(true)
  expect(passes).toHaveLength(1)
  const payload = {
    a: call('getJson', fourth, 'a + 1'),
    b: call('getText', third),
    c: [call('base64', first)],
  }
  const invoked = await bound(invoke(payload))
  expect(invoked.result.ok).toBe(true)
  expect(invoked.passes.map((needs) => needs.map(({ kind }) => kind))).toEqual([
    ['content', 'content', 'content'],
    ['evaluation'],
  ])
})

test('the first fault among a job’s documents is reported, whether they were fetched or not', async () => {
  const documents = external(5, 'a.txt')
  const missing = new Set(['https://example.com/1', 'https://example.com/3'])
  const { result } = await bound(converse({ newDocuments: documents }), missing)
  expect(result).toMatchObject({ ok: false, error: { message: 'no https://example.com/1' } })
  const wrong = { ...documents[2], name: 'a.exe' }
  const two = await bound(converse({ newDocuments: [documents[0], wrong, documents[3]] }), missing)
  expect(two.result).toMatchObject({ ok: false, error: { message: expect.stringContaining('Unsupported') } })
})

test('one document more than a job may have is an input error, and nothing is fetched', async () => {
  const many = external(MAX_DOCUMENTS + 1, 'a.txt')
  const asText = many.map((document) => ({ role: 'user', contentList: [{ text: document }] }))
  for (const data of [{ newDocuments: many }, { messagesHistory: asText }]) {
    const { result, passes } = await bound(converse(data))
    expect(result).toMatchObject({
      ok: false,
      error: { input: true, message: expect.stringMatching(/more than 100 documents/) },
    })
    expect(passes).toEqual([])
  }
})
