// Streamed calls through the AWS SDK to the stand-in: the result is that of the whole answer, and failures are known by their kind.
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Sim, startSim } from '../../sim/sim.ts'
import { type BedrockClients, makeBedrockClients } from '../../src/aws/bedrock-clients.ts'
import { bindRequest } from '../../src/connector/bind-request.ts'
import { resendRule } from '../../src/connector/resend.ts'
import { type CallAnswer, makeBedrockCaller } from '../../src/execute/bedrock-caller.ts'
import { billedUsage } from '../../src/execute/call-tokens.ts'

const BLOCKS = [
  { reasoningContent: { reasoningText: { text: 'thinking hard', signature: 'c2ln' } } },
  { reasoningContent: { redactedContent: 'AAECAw==' } },
  { text: 'Grüße 👩‍🚀' },
  { toolUse: { toolUseId: 't1', name: 'weather', input: { city: 'Bern', days: [1, 2.5] } } },
  { toolUse: { toolUseId: 't2', name: 'none', input: {} } },
  { toolResult: { toolUseId: 't3', type: 'search', status: 'success', content: [{ text: 'found' }] } },
  {
    citationsContent: {
      content: [{ text: 'Cited' }],
      citations: [{ title: 'A', location: { web: { url: 'https://example.com' } } }],
    },
  },
  { image: { format: 'png', source: { bytes: 'AAEC' } } },
]

let sim: Sim
let overH1: BedrockClients
let overH2: BedrockClients

beforeAll(async () => {
  sim = await startSim({
    otherKeys: true,
    settings: { stream: { tokensPerSecond: 100_000 }, scripts: [{ model: 'blocks', content: BLOCKS }] },
  })
  overH1 = makeBedrockClients({ endpoint: sim.url })
  overH2 = makeBedrockClients({ endpoint: sim.tlsUrl, caBundle: sim.caFile })
})
afterAll(async () => {
  overH1?.close()
  overH2?.close()
  await sim?.stop()
})

function called(
  clients: BedrockClients,
  action: string,
  data: object,
  stallMs?: number,
): Promise<CallAnswer> {
  return caller(clients, stallMs)(action, data)
}

function caller(clients: BedrockClients, stallMs?: number) {
  const call = makeBedrockCaller(clients, () => null, stallMs)
  return (action: string, data: object): Promise<CallAnswer> => {
    const authentication = { type: 'credentials', accessKey: 'AKIATEST', secretKey: 's' }
    const inputs = { authentication, configuration: { region: 'eu-west-1' }, action, data }
    const bound = bindRequest(JSON.stringify(inputs), { compatibility: '8.9' })
    if (!bound.ok) throw new Error(bound.error.message)
    return call(bound.request, { timeoutMs: 60_000, signal: new AbortController().signal })
  }
}

/** Without what differs between any two calls. */
function comparable(answer: CallAnswer): unknown {
  if (answer.kind !== 'response') throw new Error(JSON.stringify(answer))
  const { response, usage, stopReason } = answer
  const stable = JSON.stringify({ response, usage, stopReason })
    .replaceAll(/"latencyMs":\d+/g, '"latencyMs":0')
    .replaceAll(/"requestId":"[^"]+"/g, '"requestId":""')
    .replaceAll(/"id":"msg_[^"]+"/g, '"id":""')
  return JSON.parse(stable)
}

function failureOf(answer: CallAnswer) {
  if (answer.kind !== 'failure') throw new Error(JSON.stringify(answer))
  return { ...answer.failure, rule: resendRule(answer.failure) }
}

const BREAK = '[[sim stream: {breakAfter: 4}]] Hi'
const ESTIMATE = { inputTokens: 100, maxTokens: 50 }

describe('without the permission for streams', () => {
  const DENIED = 'User: arn:aws:iam::111122223333:user/a is not authorized to perform: bedrock:'
  let policy: Server
  let clients: BedrockClients
  let paths: string[]

  beforeAll(async () => {
    policy = createServer(async (request, response) => {
      request.resume()
      await once(request, 'end')
      const operation = (request.url ?? '').replace(/^.*\//, '')
      paths.push(operation)
      const isStream = operation !== 'converse'
      const message = `${DENIED}InvokeModelWithResponseStream on resource: arn:aws:bedrock:eu-west-1::foundation-model/m`
      const output = { message: { role: 'assistant', content: [{ text: 'whole' }] } }
      response
        .writeHead(isStream ? 403 : 200, {
          'content-type': 'application/json',
          ...(isStream ? { 'x-amzn-errortype': 'AccessDeniedException' } : {}),
        })
        .end(JSON.stringify(isStream ? { message } : { output, stopReason: 'end_turn' }))
    })
    await once(policy.listen(0, '127.0.0.1'), 'listening')
    const { port } = policy.address() as AddressInfo
    clients = makeBedrockClients({ endpoint: `http://127.0.0.1:${port}` })
  })
  beforeEach(() => {
    paths = []
  })
  afterAll(() => {
    clients?.close()
    policy?.close()
  })

  it('a slow model is called without a stream, and from then on at once', async () => {
    const call = caller(clients)
    const data = { modelId: 'eu.anthropic.claude-opus-4-5', newMessage: 'Hi', resultDetails: true }
    for (const _ of [1, 2])
      expect(await call('converse', data)).toMatchObject({ kind: 'response', response: { text: 'whole' } })
    expect(paths).toEqual(['converse-stream', 'converse', 'converse'])
  })

  it('a task that wants a stream fails with the error of AWS', async () => {
    const call = caller(clients)
    const answer = await call('converse', { modelId: 'm', newMessage: 'Hi', streaming: true })
    expect(failureOf(answer)).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('bedrock:InvokeModelWithResponseStream'),
    })
    expect(paths).toEqual(['converse-stream'])
  })
})

describe.each([
  ['HTTP/1.1', () => overH1],
  ['HTTP/2', () => overH2],
])('over %s', (_version, clients) => {
  it.each([true, false])('Converse has the same result, with details: %s', async (resultDetails) => {
    const data = { modelId: 'blocks', newMessage: 'Hi', resultDetails }
    const whole = await called(clients(), 'converse', { ...data, streaming: false })
    const streamed = await called(clients(), 'converse', { ...data, streaming: true })
    expect(comparable(streamed)).toEqual(comparable(whole))
    expect(streamed).toMatchObject({ stream: { firstMs: expect.any(Number), restMs: expect.any(Number) } })
    expect(whole).not.toHaveProperty('stream')
  })

  it('InvokeModel of Claude has the same result', async () => {
    const payload = {
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 99,
      messages: [{ role: 'user', content: 'Hello there' }],
    }
    const data = { modelId: 'anthropic.claude-x', payload, resultDetails: true }
    const whole = await called(clients(), 'invokeModel', { ...data, streaming: false })
    const streamed = await called(clients(), 'invokeModel', { ...data, streaming: true })
    expect(streamed).toHaveProperty('stream')
    expect(comparable(streamed)).toEqual(comparable(whole))
  })

  it('InvokeModel of Nova has the same result', async () => {
    const directed = '[[sim text: It rains, tools: [{weather: {city: Bern}}]]] Hello there'
    for (const text of ['Hello there', directed]) {
      const payload = { messages: [{ role: 'user', content: [{ text }] }] }
      const data = { modelId: 'eu.amazon.nova-lite-v1:0', payload, resultDetails: true }
      const whole = await called(clients(), 'invokeModel', { ...data, streaming: false })
      const streamed = await called(clients(), 'invokeModel', { ...data, streaming: true })
      expect(streamed).toMatchObject({
        stream: {},
        stopReason: text === directed ? 'tool_use' : 'end_turn',
      })
      const { response, ...others } = comparable(streamed) as { response: { body: object } }
      // A stream of Nova has the latency among its metadata.
      expect({
        ...others,
        response: { ...response, body: { ...response.body, metrics: undefined } },
      }).toEqual(comparable(whole))
    }
  })

  it.each([
    ['eu.amazon.nova-lite-v1:0', { messages: [{ role: 'user', content: [{ text: BREAK }] }] }],
    [
      'anthropic.claude-x',
      {
        anthropic_version: 'bedrock-2023-05-31',
        max_tokens: 9,
        messages: [{ role: 'user', content: BREAK }],
      },
    ],
  ])('what came of a cut stream of InvokeModel is counted: %s', async (modelId, payload) => {
    const answer = await called(clients(), 'invokeModel', { modelId, payload, streaming: true })
    expect(failureOf(answer)).toMatchObject({ network: 'cut', generated: expect.any(Number) })
    expect(billedUsage(answer, ESTIMATE).output).toBeGreaterThan(0)
  })

  it('InvokeModel of Nova has what a guardrail did', async () => {
    const payload = { messages: [{ role: 'user', content: [{ text: 'It is forbidden' }] }] }
    const guardrail = { guardrailIdentifier: 'simguardrail', guardrailVersion: '1', trace: 'ENABLED' }
    const data = { modelId: 'amazon.nova-pro-v1:0', payload, ...guardrail, streaming: true }
    const added = { 'amazon-bedrock-guardrailAction': 'INTERVENED', 'amazon-bedrock-trace': {} }
    const answer = await called(clients(), 'invokeModel', data)
    expect(answer).toMatchObject({ stopReason: 'guardrail_intervened', response: { body: added } })
  })

  it('InvokeModel of a model whose stream cannot be folded is not streamed', async () => {
    const data = { modelId: 'any', payload: { prompt: 'fine' }, streaming: true }
    expect(await called(clients(), 'invokeModel', data)).not.toHaveProperty('stream')
  })

  it('a throttle before the first event is a throttle; later it is billed, and counts as an attempt', async () => {
    const throttle = (errorAfter: number) =>
      called(clients(), 'converse', {
        modelId: 'm1',
        newMessage: `[[sim stream: {errorAfter: ${errorAfter}, error: throttlingException}]] Hi`,
        streaming: true,
      })
    const first = await throttle(0)
    expect(failureOf(first)).toMatchObject({ name: 'ThrottlingException', status: 429, rule: 'throttle' })
    expect(billedUsage(first, ESTIMATE)).toMatchObject({ input: 0, output: 0 })
    const later = await throttle(3)
    expect(failureOf(later)).toMatchObject({ name: 'ThrottlingException', rule: 'transient' })
    expect(billedUsage(later, ESTIMATE).output).toBeGreaterThan(0)
  })

  it('a break in the middle is a cut answer, with what came counted', async () => {
    const newMessage = '[[sim stream: {breakAfter: 3}]] Hi'
    const answer = await called(clients(), 'converse', { modelId: 'm1', newMessage, streaming: true })
    expect(failureOf(answer)).toMatchObject({ network: 'cut', status: 200, rule: 'transient' })
    expect(billedUsage(answer, ESTIMATE).output).toBeGreaterThan(0)
  })

  it('a stall is noticed by its own bound, which the failure names', async () => {
    const newMessage = '[[sim stream: {stallAfter: 2}]] Hi'
    const answer = await called(clients(), 'converse', { modelId: 'm1', newMessage, streaming: true }, 300)
    expect(failureOf(answer)).toMatchObject({
      name: 'StreamStalled',
      message: expect.stringContaining('0.3 s (QUARRY_STREAM_STALL)'),
      rule: 'transient',
    })
  })
})
