import {
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { describe, expect, test } from 'vitest'
import { errorOf, http2Client, plainClient, simForTest } from './clients.ts'
import { fold } from './fold.ts'

function ask(text: string, modelId = 'm1'): ConverseCommandInput {
  return { modelId, messages: [{ role: 'user', content: [{ text }] }] }
}

async function stream(client: ReturnType<typeof plainClient>, input: ConverseCommandInput) {
  const events: ConverseStreamOutput[] = []
  const answer = await client.send(new ConverseStreamCommand(input))
  for await (const event of answer.stream ?? []) events.push(event)
  return events
}

const BLOCKS = [
  { reasoningContent: { reasoningText: { text: 'thinking', signature: 'c2ln' } } },
  { reasoningContent: { redactedContent: 'AAECAw==' } },
  { text: 'Grüße 👩‍🚀' },
  { toolUse: { toolUseId: 't1', name: 'weather', input: { city: 'Bern', days: [1, 2] } } },
  { toolUse: { toolUseId: 't2', name: 'search', input: { q: 'x' }, type: 'server_tool_use' } },
  { toolResult: { toolUseId: 't2', type: 'search', status: 'success', content: [{ text: 'found' }] } },
  {
    citationsContent: {
      content: [{ text: 'Cited' }],
      citations: [{ title: 'A', location: { web: { url: 'https://example.com' } } }],
    },
  },
  { image: { format: 'png', source: { bytes: 'AAEC' } } },
]

describe.each([
  ['HTTP/1.1', plainClient],
  ['HTTP/2', http2Client],
])('over %s', (_, makeClient) => {
  test.each([
    ['in halves', {}],
    ['by tokens', { tokensPerSecond: 100_000 }],
  ])('the events of blocks of all kinds, %s, fold to the answer of Converse', async (_how, pace) => {
    const sim = await simForTest({
      settings: {
        stream: pace,
        scripts: [{ content: BLOCKS, fields: { stop_sequence: '###' }, router: 'arn:model' }],
      },
    })
    const client = makeClient(sim)
    const input = { ...ask('Hi'), additionalModelResponseFieldPaths: ['/stop_sequence'] }
    const whole = await client.send(new ConverseCommand(input))
    const { $metadata: _metadata, metrics: _metrics, ...expected } = whole
    expect(fold(await stream(client, input))).toEqual({ ...expected, metrics: expect.anything() })
    expect(expected.additionalModelResponseFields).toEqual({ stop_sequence: '###' })
    expect(expected.trace?.promptRouter?.invokedModelId).toBe('arn:model')
  })

  test('a stream that breaks off in the midst is an error of the connection, and is paid', async () => {
    const sim = await simForTest()
    const client = makeClient(sim)
    expect(await errorOf(stream(client, ask('[[sim stream: {breakAfter: 2}]] Hi')))).toBeInstanceOf(Error)
    expect(sim.stats()).toMatchObject({ ok: 1, inFlight: 0 })
  })

  test('a stream that stalls sends nothing more until the caller hangs up', async () => {
    const sim = await simForTest()
    const abort = new AbortController()
    const input = ask('[[sim stream: {stallAfter: 2}]] Hi')
    const answer = await makeClient(sim).send(new ConverseStreamCommand(input), { abortSignal: abort.signal })
    let seen = 0
    const read = async () => {
      for await (const _ of answer.stream ?? []) {
        seen += 1
        if (seen === 2) abort.abort()
      }
    }
    // Over HTTP/2 the SDK ends an aborted stream without an error.
    await Promise.allSettled([read()])
    await expect.poll(() => sim.stats()).toMatchObject({ inFlight: 0, ok: 1 })
    expect(seen).toBe(2)
  })
})

test.each([
  ['throttle', 'ThrottlingException'],
  ['unavailable', 'ServiceUnavailableException'],
  ['internal', 'InternalServerException'],
  ['validation', 'ValidationException'],
  ['modelStreamErrorException', 'ModelStreamErrorException'],
])('%s in the midst of a stream is the event of an exception', async (error, name) => {
  const sim = await simForTest()
  const events = errorOf(stream(plainClient(sim), ask(`[[sim stream: {errorAfter: 2, error: ${error}}]] Hi`)))
  expect((await events).name).toBe(name)
  expect(sim.stats()).toMatchObject({ ok: 0, errors: 1 })
  expect(sim.requests()).toMatchObject([{ status: 200, tokens: 0 }])
})

test('faults of the settings strike streams in their middle, and other calls as a whole', async () => {
  const sim = await simForTest({ settings: { faults: [{ fault: 'streamerror' }] } })
  const client = plainClient(sim)
  expect((await errorOf(stream(client, ask('Hi')))).name).toBe('ModelStreamErrorException')
  expect((await errorOf(client.send(new ConverseCommand(ask('Hi'))))).name).toBe('ModelErrorException')
  sim.configure({ faults: [{ fault: 'break' }] })
  await errorOf(stream(client, ask('Hi')))
  await errorOf(client.send(new ConverseCommand(ask('Hi'))))
  expect(sim.stats()).toMatchObject({ requests: 4, errors: 2, ok: 2 })
})

test('the time to the first token and the tokens a second are as set, streamed or not', async () => {
  const sim = await simForTest({ settings: { stream: { firstTokenMs: 30, tokensPerSecond: 100 } } })
  const client = plainClient(sim)
  const began = performance.now()
  const events = await stream(client, ask('Hi', 'usage-10-7'))
  const tookMs = performance.now() - began
  expect(events.at(-1)?.metadata?.metrics?.latencyMs).toBe(100)
  const whole = await client.send(new ConverseCommand(ask('Hi', 'usage-10-7')))
  expect(whole.metrics?.latencyMs).toBe(100)
  expect(tookMs).toBeGreaterThan(29)
})

test('Claude streams the events of its Messages API, which fold to its message', async () => {
  const sim = await simForTest({
    settings: { scripts: [{ text: 'It rains', tools: [{ weather: { city: 'Bern' } }] }] },
  })
  const client = plainClient(sim)
  const body = JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Hi' }],
  })
  const modelId = 'anthropic.claude-sonnet-4-6'
  const whole = JSON.parse(
    (await client.send(new InvokeModelCommand({ modelId, body }))).body.transformToString(),
  )
  expect(whole).toMatchObject({
    type: 'message',
    stop_reason: 'tool_use',
    content: [
      { type: 'text', text: 'It rains' },
      { type: 'tool_use', id: 'tooluse_1_1', name: 'weather', input: { city: 'Bern' } },
    ],
  })
  const answer = await client.send(new InvokeModelWithResponseStreamCommand({ modelId, body }))
  const events = (await Array.fromAsync(answer.body ?? [])).map(({ chunk }) =>
    JSON.parse(Buffer.from(chunk?.bytes ?? []).toString()),
  )
  expect(events.map(({ type }) => type)).toEqual([
    'message_start',
    ...['content_block_start', 'content_block_delta', 'content_block_delta', 'content_block_stop'],
    ...['content_block_start', 'content_block_delta', 'content_block_delta', 'content_block_stop'],
    'message_delta',
    'message_stop',
  ])
  const input = events.map(({ delta }) => delta?.partial_json ?? '').join('')
  expect(JSON.parse(input)).toEqual({ city: 'Bern' })
  expect(events.at(-2)).toMatchObject({ delta: { stop_reason: 'tool_use' } })
  expect(events.at(-1)).toMatchObject({ 'amazon-bedrock-invocationMetrics': { outputTokenCount: 4 } })
})

test('a malformed tool use ends in the middle of its input', async () => {
  const sim = await simForTest()
  const input = ask('[[sim tools: [{weather: {city: Bern}}], stop: malformed_tool_use]] Hi')
  const events = await stream(plainClient(sim), input)
  const text = events.map(({ contentBlockDelta }) => contentBlockDelta?.delta?.toolUse?.input ?? '').join('')
  expect(() => JSON.parse(text)).toThrow(SyntaxError)
  expect(events.find(({ messageStop }) => messageStop)?.messageStop?.stopReason).toBe('malformed_tool_use')
})

test('a stream has the stop reason of its guardrail, and the trace, tier and tokens of the prompt cache in its metadata', async () => {
  const sim = await simForTest()
  const events = await stream(plainClient(sim), {
    ...ask('[[sim text: It is forbidden]] Hi'),
    system: [{ text: 'x'.repeat(8_000) }, { cachePoint: { type: 'default' } }],
    guardrailConfig: { guardrailIdentifier: 'simguardrail', guardrailVersion: '1', trace: 'enabled' },
    serviceTier: { type: 'reserved' },
  })
  expect(fold(events)).toMatchObject({
    stopReason: 'guardrail_intervened',
    output: { message: { content: [{ text: 'Sorry, the model cannot answer this question.' }] } },
    trace: { guardrail: { modelOutput: ['It is forbidden'] } },
    serviceTier: { type: 'default' },
    usage: { cacheWriteInputTokens: 2_000, cacheDetails: [{ ttl: '5m', inputTokens: 2_000 }] },
  })
})
