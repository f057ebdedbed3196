// Answers that are not JSON, or too large for a variable, end as documents in Camunda's store; a paid answer is not lost on the way.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineRecord } from '../../embedded/zeebe/records.ts'
import { startLocalServer } from '../secrets/local-server.ts'
import { documentStoreUrl, storedDocument } from './camunda-rest.ts'
import { callsOf, until } from './quarry-process.ts'
import {
  converseInputs,
  hasEnded,
  invokeInputs,
  type QuarryUnderTest,
  recordsUntil,
  startQuarry,
} from './quarry-under-test.ts'

const MIB = 1024 * 1024
const ANSWER = { resultVariable: 'answer' }
const REFERENCE = { 'camunda.document.type': 'camunda', documentId: expect.any(String) }

const toStop: (() => Promise<unknown>)[] = []
let quarry: QuarryUnderTest

beforeAll(async () => {
  quarry = await startQuarry({ ZEEBE_REST_ADDRESS: documentStoreUrl() })
})
afterAll(async () => {
  await quarry?.stop()
  for (const stop of toStop) await stop()
})

/** Runs a task to its end, and gives the engine's records of it. */
async function recordsOf(under: QuarryUnderTest, inputs: Record<string, string>, variables: object = {}) {
  const bpmnProcessId = await under.deploy({ inputs, headers: ANSWER })
  const { processInstanceKey } = await under.processes.createInstance({
    bpmnProcessId,
    variables: JSON.stringify(variables),
  })
  return recordsUntil(processInstanceKey, hasEnded)
}

/** The variables that a task's job was completed with. @throws Error with the message of its incident */
function completedWith(records: readonly EngineRecord[]): Record<string, unknown> {
  const job = records.find(({ valueType, intent }) => valueType === 'JOB' && intent === 'COMPLETED')
  if (job === undefined) throw new Error(`Not completed: ${incidentIn(records)}`)
  return job.value['variables'] as Record<string, unknown>
}

const incidentIn = (records: readonly EngineRecord[]) =>
  records.find(({ valueType }) => valueType === 'INCIDENT')?.value['errorMessage']

describe('an answer of InvokeModel', () => {
  it('of 40 MB that is an image becomes a document, and no variable is large', async () => {
    const model = `image-${40 * MIB}`
    const variables = completedWith(
      await recordsOf(quarry, invokeInputs(model, { 'data.answerDocument': 'large' })),
    )
    const metadata = { contentType: 'image/png', fileName: 'answer.png', size: 40 * MIB }
    expect(variables['answer']).toEqual({
      body: expect.objectContaining({ ...REFERENCE, metadata: expect.objectContaining(metadata) }),
    })
    expect(JSON.stringify(variables).length).toBeLessThan(10_000)
    expect(await callsOf(model)).toHaveLength(1)
  })

  it('of 40 MB in JSON becomes a document of JSON', async () => {
    const inputs = invokeInputs(`images-${40 * MIB}@json`, {
      'data.answerDocument': 'large',
      'data.resultDetails': '=true',
    })
    expect(completedWith(await recordsOf(quarry, inputs))['answer']).toMatchObject({
      contentType: 'application/json',
      usage: { inputTokens: 12 },
      body: { ...REFERENCE, metadata: { fileName: 'answer.json' } },
    })
  })

  it('that fits stays a variable, unless the task always wants a document', async () => {
    const run = async (answerDocument: string) => {
      const inputs = invokeInputs('rawstring', { 'data.answerDocument': answerDocument })
      return completedWith(await recordsOf(quarry, inputs))['answer']
    }
    expect(await run('large')).toEqual({ body: 'just text' })
    expect(await run('always')).toEqual({ body: expect.objectContaining(REFERENCE) })
  })

  it('fails without the input, and the failure names it', async () => {
    const message = incidentIn(await recordsOf(quarry, invokeInputs('audio-1000@never')))
    expect(message).toContain('The answer is audio/mpeg, not JSON. Set the input data.answerDocument')
  })
})

it('an image that Converse answers becomes a document, which a history takes back', async () => {
  const bytes = Buffer.from('a picture').toString('base64')
  const content = JSON.stringify({
    content: [{ image: { format: 'png', source: { bytes } } }, { text: 'Here' }],
  })
  const inputs = converseInputs('converse-image', {
    'data.newMessage': `Draw a cat. [[sim ${content}]]`,
    'data.answerDocument': 'large',
    'data.resultDetails': '=true',
  })
  const { answer } = completedWith(await recordsOf(quarry, inputs))
  const { messages, message } = answer as { messages: object[]; message: { content: object[] } }
  const image = { format: 'png', source: { bytes: expect.objectContaining(REFERENCE) } }
  expect(message.content).toEqual([{ image }, { text: 'Here' }])
  expect(messages.at(-1)).toEqual(message)

  const again = converseInputs('lenient@images', { 'data.messagesHistory': '=messages' })
  completedWith(await recordsOf(quarry, again, { messages }))
  const [call] = await callsOf('lenient@images')
  const sent = JSON.parse(call?.body ?? '').messages[1].content[0].image
  expect(sent).toEqual({ format: 'png', source: { bytes: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/) } })
})

it('a payload that is a document and no JSON is sent as its bytes', async () => {
  const payload = await storedDocument({ contentType: 'audio/wav', fileName: 'call.wav', size: 3 })
  const inputs = invokeInputs('payload-file', {
    'data.payload': '=payload',
    'data.accept': 'application/json',
    'data.trace': 'ENABLED',
    'data.serviceTier': 'flex',
    'data.performanceConfigLatency': 'optimized',
    'data.requestMetadata': '={team: "claims"}',
    'data.resultDetails': '=true',
  })
  const { answer } = completedWith(await recordsOf(quarry, inputs, { payload }))
  expect(answer).toMatchObject({ serviceTier: { type: 'flex' }, performanceConfig: { latency: 'optimized' } })
  const [call] = await callsOf('payload-file')
  expect(call?.body).toBe('DOC')
  expect(call?.headers).toMatchObject({
    'content-type': 'audio/wav',
    accept: 'application/json',
    'x-amzn-bedrock-trace': 'ENABLED',
    'x-amzn-bedrock-service-tier': 'flex',
    'x-amzn-bedrock-performanceconfig-latency': 'optimized',
  })
  expect(JSON.parse(call?.headers?.['x-amzn-bedrock-request-metadata'] ?? '')).toMatchObject({
    team: 'claims',
    element: 'ask',
  })
})

describe('a document store that refuses', () => {
  /** A store that gives these answers to uploads, the last one again and again. */
  async function withStore(...answers: { status: number; body: string }[]) {
    return (await underStore({}, ...answers)).under
  }

  async function underStore(env: Record<string, string>, ...answers: { status: number; body: string }[]) {
    let uploads = 0
    const server = await startLocalServer(() => answers[Math.min(uploads++, answers.length - 1)] ?? stored)
    const under = await startQuarry({ ZEEBE_REST_ADDRESS: server.url, ...env })
    toStop.push(under.stop, () => server.stop())
    return { under, server }
  }
  const stored = { status: 201, body: JSON.stringify({ documentId: 'd7', storeId: 's', contentHash: 'h' }) }

  it('for a while is asked again, and the call is paid once', async () => {
    const under = await withStore({ status: 503, body: '' }, { status: 503, body: '' }, stored)
    const inputs = invokeInputs('image-9@store-away', { 'data.answerDocument': 'large' })
    expect(completedWith(await recordsOf(under, inputs))).toMatchObject({
      answer: { body: { documentId: 'd7' } },
    })
    expect(await callsOf('image-9@store-away')).toHaveLength(1)
  })

  it('until the worker ends: the job ends, too, and the next worker does not pay it again', async () => {
    const { under, server } = await underStore({ QUARRY_SHUTDOWN_GRACE: 'PT0.2S' }, { status: 503, body: '' })
    const inputs = invokeInputs('image-9@store-gone', { 'data.answerDocument': 'large' })
    const bpmnProcessId = await under.deploy({ inputs })
    const { processInstanceKey } = await under.processes.createInstance({ bpmnProcessId, variables: '{}' })
    await until('a document was refused', async () => server.requests.length > 0)
    await under.stop()
    const next = await startQuarry(under.env)
    toStop.push(next.stop)
    expect(incidentIn(await recordsUntil(processInstanceKey, hasEnded))).toContain('the call was paid')
    expect(await callsOf('image-9@store-gone')).toHaveLength(1)
  })

  it('for good ends the job, which is not paid again, and the incident says what was paid', async () => {
    const under = await withStore({ status: 413, body: '{"title":"Too large"}' })
    const inputs = invokeInputs('image-9@store-small', { 'data.answerDocument': 'always' })
    expect(incidentIn(await recordsOf(under, inputs))).toMatch(/the call was paid.*answered 413: Too large/)
    expect(await callsOf('image-9@store-small')).toHaveLength(1)
  })
})

it('a task that always wants a document sends nothing without a store', async () => {
  const under = await startQuarry()
  toStop.push(under.stop)
  const inputs = invokeInputs('echo@no-store', { 'data.answerDocument': 'always' })
  expect(incidentIn(await recordsOf(under, inputs))).toContain('ZEEBE_REST_ADDRESS')
  expect(await callsOf('echo@no-store')).toEqual([])
})
