import { ConverseCommand, CountTokensCommand, InvokeModelCommand } from '@aws-sdk/client-bedrock-runtime'
import { describe, expect, test } from 'vitest'
import { errorOf, http2Client, plainClient, simForTest } from './clients.ts'

const MESSAGES = [{ role: 'user' as const, content: [{ text: 'x'.repeat(400) }] }]

describe('CountTokens', () => {
  test('counts a conversation with its system prompt and tools as its answer would state it', async () => {
    const sim = await simForTest()
    const client = plainClient(sim)
    const system = [{ text: 'y'.repeat(40) }]
    const count = new CountTokensCommand({
      modelId: 'sized-10',
      input: { converse: { messages: MESSAGES, system } },
    })
    expect((await client.send(count)).inputTokens).toBe(110)
    const answer = await client.send(
      new ConverseCommand({
        modelId: 'sized-10',
        messages: MESSAGES,
        system: [...system, { cachePoint: { type: 'default' } }],
      }),
    )
    expect(answer.usage?.inputTokens).toBe(110)
  })

  test('counts the body of InvokeModel', async () => {
    const sim = await simForTest()
    const body = Buffer.from(JSON.stringify({ prompt: 'x'.repeat(40) }))
    const count = new CountTokensCommand({ modelId: 'm1', input: { invokeModel: { body } } })
    expect((await plainClient(sim).send(count)).inputTokens).toBe(10)
  })

  test('refuses what Converse refuses', async () => {
    const sim = await simForTest()
    const count = new CountTokensCommand({
      modelId: 'm1',
      input: { converse: { messages: [...MESSAGES, ...MESSAGES] } },
    })
    expect((await errorOf(plainClient(sim).send(count))).message).toContain('must alternate')
  })
})

describe('tiers and latency', () => {
  const ask = (type: string) =>
    new ConverseCommand({
      modelId: 'm1',
      messages: MESSAGES,
      serviceTier: { type: type as 'flex' },
      performanceConfig: { latency: 'optimized' },
    })

  test('Converse says which ones were used; without a reservation, reserved is served as default', async () => {
    const sim = await simForTest()
    const client = plainClient(sim)
    expect(await client.send(ask('priority'))).toMatchObject({
      serviceTier: { type: 'priority' },
      performanceConfig: { latency: 'optimized' },
    })
    expect(await client.send(ask('reserved'))).toMatchObject({ serviceTier: { type: 'default' } })
  })

  test('a tier may be refused', async () => {
    const sim = await simForTest({ settings: { tiers: { flex: 'throttle' } } })
    expect((await errorOf(plainClient(sim).send(ask('flex')))).name).toBe('ThrottlingException')
    expect(() => sim.configure({ tiers: { flex: 'cheap' } })).toThrow('is no tier and no error')
  })

  test('InvokeModel has them in headers, which the log keeps', async () => {
    const sim = await simForTest({ settings: { recordBodies: true } })
    const answer = await plainClient(sim).send(
      new InvokeModelCommand({
        modelId: 'm1',
        body: '{"prompt":"Hi"}',
        contentType: 'application/json',
        accept: 'application/json',
        serviceTier: 'reserved',
        performanceConfigLatency: 'optimized',
        requestMetadata: '{"process":"p"}',
      }),
    )
    expect(answer).toMatchObject({ serviceTier: 'default', performanceConfigLatency: 'optimized' })
    expect(sim.requests()).toMatchObject([
      {
        body: '{"prompt":"Hi"}',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'x-amzn-bedrock-service-tier': 'reserved',
          'x-amzn-bedrock-request-metadata': '{"process":"p"}',
        },
      },
    ])
  })
})

test.each([
  ['image-40000000', 'image/png', 40_000_000],
  ['audio-1000', 'audio/mpeg', 1_000],
  ['image-900000000', 'image/png', 50 * 1024 * 1024],
])('InvokeModel of %s answers %s of %i bytes', async (modelId, contentType, bytes) => {
  const sim = await simForTest()
  for (const client of [plainClient(sim), http2Client(sim)]) {
    const answer = await client.send(new InvokeModelCommand({ modelId, body: '{}' }))
    expect([answer.contentType, answer.body.length]).toEqual([contentType, bytes])
  }
})

test('images-3 answers an image in the base64 of its JSON', async () => {
  const sim = await simForTest()
  const answer = await plainClient(sim).send(new InvokeModelCommand({ modelId: 'images-3', body: '{}' }))
  expect(JSON.parse(answer.body.transformToString())).toEqual({ images: ['AAAA'], error: null })
})

test('an image that accept asks for is in place of the JSON', async () => {
  const sim = await simForTest()
  const ask = new InvokeModelCommand({ modelId: 'images-300', body: '{}', accept: 'image/jpeg' })
  const answer = await plainClient(sim).send(ask)
  expect([answer.contentType, answer.body.length]).toEqual(['image/jpeg', 300])
})

test.each([
  ['an unknown trace', { trace: 'ON' }, "Value 'ON' at 'trace'"],
  ['an unknown tier', { serviceTier: 'cheap' }, "Value 'cheap' at 'service-tier'"],
  ['an unknown latency', { performanceConfigLatency: 'fast' }, "Value 'fast' at 'performanceconfig-latency'"],
  ['a guardrail without a version', { guardrailIdentifier: 'simguardrail' }, "Value at 'guardrailVersion'"],
  ['metadata that is no JSON', { requestMetadata: 'p' }, "Value at 'requestMetadata'"],
  [
    'metadata with other characters',
    { requestMetadata: '{"tenant":"<default>"}' },
    "'requestMetadata.tenant.member'",
  ],
])('InvokeModel refuses %s', async (_, fields, problem) => {
  const sim = await simForTest()
  const error = await errorOf(
    plainClient(sim).send(new InvokeModelCommand({ modelId: 'm1', body: '{}', ...(fields as object) })),
  )
  expect(error.name).toBe('ValidationException')
  expect(error.message).toContain(problem)
})
