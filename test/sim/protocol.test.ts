import { ConverseStreamCommand, InvokeModelWithResponseStreamCommand } from '@aws-sdk/client-bedrock-runtime'
import { describe, expect, test } from 'vitest'
import { converse, http2Client, invoke, plainClient, simForTest, tlsClient } from './clients.ts'

const MODEL = 'anthropic.claude-3-5-sonnet-20240620-v1:0'
const PROFILE = 'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0'

describe.each([
  ['HTTP/1.1', plainClient, 'http/1.1'],
  ['TLS and HTTP/1.1', tlsClient, 'http/1.1'],
  ['TLS and HTTP/2', http2Client, 'h2'],
])('over %s', (_name, makeClient, protocol) => {
  test('Converse echoes the last text and states its usage', async () => {
    const sim = await simForTest()
    const answer = await makeClient(sim).send(converse(MODEL, 'Grüße 你好'))
    expect(answer.output?.message).toEqual({ role: 'assistant', content: [{ text: 'Echo: Grüße 你好' }] })
    expect(answer).toMatchObject({
      stopReason: 'end_turn',
      usage: { inputTokens: 10, outputTokens: 5, totalTokens: 15 },
    })
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(sim.requests()).toMatchObject([
      {
        method: 'POST',
        path: '/model/anthropic.claude-3-5-sonnet-20240620-v1%3A0/converse',
        model: MODEL,
        region: 'eu-west-1',
        accessKey: 'AKIATEST',
        status: 200,
        protocol,
      },
    ])
  })

  test('InvokeModel answers a chat completion', async () => {
    const sim = await simForTest()
    const answer = await makeClient(sim).send(invoke('ai21.jamba-1-5-mini-v1:0'))
    expect(answer.contentType).toBe('application/json')
    expect(answer.body.transformToString()).toBe(
      '{"id":"chatcmpl-1","choices":[{"index":0,"message":{"role":"assistant","content":"Hello from ai21.jamba-1-5-mini-v1:0","tool_calls":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":12,"completion_tokens":4,"total_tokens":16},"meta":{"requestDurationMillis":7},"model":"ai21.jamba-1-5-mini-v1:0"}',
    )
  })

  test('ConverseStream sends the events of a whole answer', async () => {
    const sim = await simForTest()
    const { stream } = await makeClient(sim).send(
      new ConverseStreamCommand({
        modelId: MODEL,
        messages: [{ role: 'user', content: [{ text: 'Hi 👩‍🚀' }] }],
      }),
    )
    const events = await Array.fromAsync(stream ?? [])
    expect(events.map((event) => Object.keys(event)[0])).toEqual([
      'messageStart',
      'contentBlockDelta',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ])
    expect(events.map(({ contentBlockDelta }) => contentBlockDelta?.delta?.text ?? '').join('')).toBe(
      'Echo: Hi 👩‍🚀',
    )
    expect(events.at(-1)?.metadata?.usage).toEqual({ inputTokens: 10, outputTokens: 5, totalTokens: 15 })
  })

  test('InvokeModelWithResponseStream sends the answer in chunks', async () => {
    const sim = await simForTest()
    const { body } = await makeClient(sim).send(
      new InvokeModelWithResponseStreamCommand({ modelId: 'm1', body: '{"a":1}' }),
    )
    const events = await Array.fromAsync(body ?? [])
    const chunks = events.map(({ chunk }) => JSON.parse(Buffer.from(chunk?.bytes ?? []).toString()))
    expect(chunks.map(({ choices }) => choices[0].delta.content ?? '').join('')).toBe('Hello from m1')
    expect(chunks.at(-1)).toMatchObject({
      'amazon-bedrock-invocationMetrics': { inputTokenCount: 12, outputTokenCount: 4 },
    })
  })

  test('an inference profile is named by its ARN', async () => {
    const sim = await simForTest()
    await makeClient(sim).send(converse(PROFILE))
    expect(sim.requests()).toMatchObject([{ model: PROFILE, path: expect.stringContaining('%2Feu.amazon') }])
  })

  test('a body of 5 MB is taken whole', async () => {
    const sim = await simForTest()
    const body = JSON.stringify({ prompt: 'x'.repeat(5_000_000) })
    const answer = await makeClient(sim).send(invoke('echo', body))
    expect(answer.body.length).toBe(body.length)
  })
})

test('300 calls at once share one HTTP/2 session', async () => {
  const sim = await simForTest({ settings: { latency: { kind: 'fixed', ms: 200 } } })
  const client = http2Client(sim)
  await Promise.all(Array.from({ length: 300 }, (_, index) => client.send(converse('m1', `call ${index}`))))
  expect(sim.stats()).toMatchObject({ requests: 300, ok: 300, inFlight: 0, duplicates: 0 })
  expect(sim.stats().maxInFlight).toBeGreaterThan(100)
})

test('a body above 32 MB is refused', async () => {
  const sim = await simForTest()
  const answer = await fetch(`${sim.url}/model/m1/invoke`, {
    method: 'POST',
    body: Buffer.alloc(33 * 1024 * 1024),
  })
  expect(answer.status).toBe(413)
  expect(answer.headers.get('x-amzn-errortype')).toContain('RequestEntityTooLargeException')
})

test('a path that is not an operation of Bedrock gives UnknownOperation', async () => {
  const sim = await simForTest()
  const answer = await fetch(`${sim.url}/model/m1/invent`, { method: 'POST', body: '{}' })
  expect(answer.status).toBe(404)
  expect(sim.stats().requests).toBe(0)
})
