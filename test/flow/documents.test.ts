// Documents on real parts, as they are by default: improvements on, external documents in results, and nothing of
// the network to be reached by URL that is not allowed.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { documentStoreUrl, isRealRest, storedDocument } from './camunda-rest.ts'
import { callsOf } from './quarry-process.ts'
import {
  converseInputs,
  hasEnded,
  invokeInputs,
  type QuarryUnderTest,
  recordsUntil,
  startQuarry,
} from './quarry-under-test.ts'

const CAMUNDA = await storedDocument({ contentType: 'image/jpeg', fileName: 'Holiday.JPG', size: 3 })

let quarry: QuarryUnderTest

beforeAll(async () => {
  quarry = await startQuarry({
    ZEEBE_REST_ADDRESS: documentStoreUrl(),
    QUARRY_DOCUMENT_ALLOW_HOSTS: new URL(inject('simUrl')).host,
    QUARRY_DOCUMENT_RESCUE: 'true',
  })
})
afterAll(() => quarry?.stop())

async function incidentOf(inputs: Record<string, string>, variables: object): Promise<unknown> {
  const bpmnProcessId = await quarry.deploy({ inputs, retries: '1' })
  const { processInstanceKey } = await quarry.processes.createInstance({
    bpmnProcessId,
    variables: JSON.stringify(variables),
  })
  const records = await recordsUntil(processInstanceKey, hasEnded)
  return records.find(({ valueType }) => valueType === 'INCIDENT')?.value['errorMessage']
}

describe('a Converse task', () => {
  it('sends documents of every kind, and gives their references back', async () => {
    const inputs = converseInputs('docs-kinds', { 'data.newDocuments': '=docs' })
    const process = await quarry.deploy({ inputs, headers: { resultVariable: 'conversation' } })
    const external = {
      'camunda.document.type': 'external',
      url: `${inject('simUrl')}/__doc/x`,
      name: 'my_report.v2.pdf',
    }
    const inline = { 'camunda.document.type': 'inline', content: 'a,b', name: 'my-report-v2.csv' }
    const { conversation } = await quarry.run(process, { docs: [CAMUNDA, external, inline] })
    expect(conversation).toEqual([
      {
        role: 'user',
        contentList: [
          { document: CAMUNDA },
          { document: external },
          { document: inline },
          { text: 'Hello there' },
        ],
      },
      { role: 'assistant', contentList: [{ text: 'Echo: Hello there' }] },
    ])
    const [call] = await callsOf('docs-kinds')
    const bytes = 'RE9D'
    expect(JSON.parse(call?.body ?? '').messages[0].content).toEqual([
      { image: { format: 'jpeg', source: { bytes } } },
      { document: { format: 'pdf', name: 'my-report-v2', source: { bytes } } },
      { document: { format: 'csv', name: 'my-report-v2 (2)', source: { bytes: 'YSxi' } } },
      { text: 'Hello there' },
    ])
  })

  it('finds the documents that an engine lost', async () => {
    const inputs = converseInputs('docs-rescued', {
      'data.data_newDocuments_documentMode': 'single',
      'data.data_newDocuments_single_documentSource': 'camunda',
      'data.data_newDocuments_single_camundaReference': '=doc',
      'data.newDocuments': '=null',
    })
    await quarry.run(await quarry.deploy({ inputs }), { doc: CAMUNDA })
    const [call] = await callsOf('docs-rescued')
    expect(JSON.parse(call?.body ?? '').messages[0].content[0].image.format).toBe('jpeg')
  })

  it('refuses addresses of the internal network', async () => {
    const inputs = converseInputs('docs-refused', { 'data.newDocuments': '=docs' })
    const docs = [
      { 'camunda.document.type': 'external', url: 'http://127.0.0.1:1/latest/meta-data', name: 'a.txt' },
    ]
    const message = await incidentOf(inputs, { docs })
    expect(message).toContain('127.0.0.1 has no public address')
    expect(await callsOf('docs-refused')).toEqual([])
  })

  it('fails with Camunda’s message if Camunda lacks the document', async () => {
    const inputs = converseInputs('docs-missing', { 'data.newDocuments': '=docs' })
    const message = await incidentOf(inputs, { docs: [{ ...CAMUNDA, documentId: 'missing' }] })
    expect(message).toMatch(/^Failed to read document content: Failed with code 404: 'Not Found'/)
  })
})

describe('an InvokeModel task', () => {
  it('may use document functions in its payload', async () => {
    const payload = {
      text: { 'camunda.function.type': 'getText', params: [CAMUNDA] },
      base64: { 'camunda.function.type': 'base64', params: [CAMUNDA] },
      // Camunda's store in memory makes no links.
      link: isRealRest() ? '' : { 'camunda.function.type': 'createLink', params: [CAMUNDA, 'PT1H'] },
    }
    const process = await quarry.deploy({
      inputs: invokeInputs('echo', { 'data.payload': '=payload' }),
      headers: { resultVariable: 'answer' },
    })
    expect((await quarry.run(process, { payload }))['answer']).toEqual({
      body: { text: 'DOC', base64: 'RE9D', link: isRealRest() ? '' : `${inject('simUrl')}/__doc/d1` },
    })
  })
})

describe('a process that stops while a document is fetched', () => {
  it('hands the job back, and another process runs it', async () => {
    const asked = Promise.withResolvers<void>()
    let isSlow = true
    const server = createServer((_, response) => {
      if (!isSlow) return response.end('DOC')
      asked.resolve()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const first = await startQuarry({ QUARRY_DOCUMENT_ALLOW_HOSTS: host, QUARRY_SHUTDOWN_GRACE: 'PT0.1S' })
    const inputs = converseInputs('docs-handed-back', { 'data.newDocuments': '=docs' })
    const bpmnProcessId = await first.deploy({ inputs, retries: '1' })
    const docs = [{ 'camunda.document.type': 'external', url: `http://${host}/`, name: 'a.txt' }]
    const variables = JSON.stringify({ docs })
    const { processInstanceKey } = await first.processes.createInstance({ bpmnProcessId, variables })
    await asked.promise
    await first.stop()
    isSlow = false
    const second = await startQuarry(first.env)
    const records = await recordsUntil(processInstanceKey, hasEnded)
    expect(records.filter(({ valueType }) => valueType === 'INCIDENT')).toEqual([])
    expect(await callsOf('docs-handed-back')).toHaveLength(1)
    await second.stop()
    server.closeAllConnections()
    server.close()
  })
})

describe('a result expression of line 8.10', () => {
  let later: QuarryUnderTest
  beforeAll(async () => {
    later = await startQuarry({ QUARRY_COMPATIBILITY: '8.10', ZEEBE_REST_ADDRESS: documentStoreUrl() })
  })
  afterAll(() => later?.stop())

  it('puts a part of the answer into the document store', async () => {
    const resultExpression = '={kept: {file: createDocument({content: body.base64, name: "answer.txt"})}}'
    const inputs = invokeInputs('echo', { 'data.payload': '={"base64": "RE9D"}' })
    const process = await later.deploy({ inputs, headers: { resultExpression } })
    const { kept } = await later.run(process)
    expect(kept).toMatchObject({
      file: {
        'camunda.document.type': 'camunda',
        storeId: 'in-memory',
        documentId: expect.any(String),
        contentHash: createHash('sha256').update('DOC').digest('hex'),
        metadata: { contentType: 'text/plain', fileName: 'answer.txt', size: 3 },
      },
    })
  })
})
