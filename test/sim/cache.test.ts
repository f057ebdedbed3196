import { ConverseCommand, type SystemContentBlock } from '@aws-sdk/client-bedrock-runtime'
import { describe, expect, test } from 'vitest'
import { PromptCache } from '../../sim/cache.ts'
import { errorOf, plainClient, simForTest } from './clients.ts'

const MINUTE = 60_000
/** 2,000 tokens. */
const LONG = 'x'.repeat(8_000)
const POINT = { cachePoint: { type: 'default' } } as const
const HOUR = { cachePoint: { type: 'default', ttl: '1h' } } as const

function body(system: readonly object[], ...messages: readonly (readonly object[])[]) {
  const role = (index: number) => (index % 2 === 0 ? 'user' : 'assistant')
  return { system, messages: messages.map((content, index) => ({ role: role(index), content })) }
}

const QUESTION = [{ text: 'four' }]

/** Looks a prompt up at a time, and stores what it writes at the same time. */
function useAt(cache: PromptCache, prompt: unknown, now: number, { scope = 'a', minimum = 1_024 } = {}) {
  const use = cache.use(scope, prompt, () => minimum, now)
  use?.store(now)
  return use?.usage
}

describe('the cache', () => {
  test('a prefix is written once and then read', () => {
    const cache = new PromptCache()
    const prompt = body([{ text: LONG }, POINT], QUESTION)
    expect(useAt(cache, prompt, 0)).toEqual({
      inputTokens: 1,
      cacheReadInputTokens: 0,
      cacheWriteInputTokens: 2_000,
      cacheDetails: [{ ttl: '5m', inputTokens: 2_000 }],
    })
    expect(useAt(cache, body([{ text: LONG }, POINT], [{ text: 'another one' }]), 1)).toEqual({
      inputTokens: 3,
      cacheReadInputTokens: 2_000,
      cacheWriteInputTokens: 0,
      cacheDetails: [],
    })
  })

  test('what is written is readable once the answer has begun, not before', () => {
    const cache = new PromptCache()
    const prompt = body([{ text: LONG }, POINT], QUESTION)
    const first = cache.use('a', prompt, () => 1_024, 0)
    expect(cache.use('a', prompt, () => 1_024, 1)?.usage.cacheReadInputTokens).toBe(0)
    first?.store(2)
    expect(cache.use('a', prompt, () => 1_024, 3)?.usage.cacheReadInputTokens).toBe(2_000)
  })

  test.each([
    ['5m', POINT, 5 * MINUTE],
    ['1h', HOUR, 60 * MINUTE],
  ])('a prefix of %s lives that long after its last use', (_, point, livesMs) => {
    const cache = new PromptCache()
    const prompt = body([{ text: LONG }, point], QUESTION)
    const readAt = (now: number) => useAt(cache, prompt, now)?.cacheReadInputTokens
    expect([readAt(0), readAt(livesMs - 1), readAt(2 * livesMs - 2), readAt(3 * livesMs - 2)]).toEqual([
      0, 2_000, 2_000, 0,
    ])
  })

  test('accounts, regions and models share no prefix', () => {
    const cache = new PromptCache()
    const prompt = body([{ text: LONG }, POINT], QUESTION)
    useAt(cache, prompt, 0)
    expect(useAt(cache, prompt, 1, { scope: 'b' })?.cacheReadInputTokens).toBe(0)
  })

  test('a prefix below the minimum is not cached, and nothing fails', () => {
    const cache = new PromptCache()
    const prompt = body([{ text: LONG }, POINT], QUESTION)
    expect(useAt(cache, prompt, 0, { minimum: 4_096 })).toEqual({
      inputTokens: 2_001,
      cacheReadInputTokens: 0,
      cacheWriteInputTokens: 0,
      cacheDetails: [],
    })
  })

  test('a longer prompt reads the longest prefix that is there and writes the rest, an hour before five minutes', () => {
    const cache = new PromptCache()
    useAt(cache, body([{ text: LONG }, HOUR], QUESTION), 0)
    const longer = body([{ text: LONG }, HOUR, { text: LONG }, HOUR], [{ text: LONG }, POINT])
    expect(useAt(cache, longer, 1)).toEqual({
      inputTokens: 0,
      cacheReadInputTokens: 2_000,
      cacheWriteInputTokens: 4_000,
      cacheDetails: [
        { ttl: '1h', inputTokens: 2_000 },
        { ttl: '5m', inputTokens: 2_000 },
      ],
    })
  })

  test('one point at the end reads what an earlier turn of the conversation has written', () => {
    const cache = new PromptCache()
    useAt(cache, body([{ text: LONG }], [{ text: 'four' }, POINT]), 0)
    const next = body([{ text: LONG }], [{ text: 'four' }], [{ text: 'answer' }], [{ text: 'more' }, POINT])
    expect(useAt(cache, next, 1)?.cacheReadInputTokens).toBe(2_001)
  })

  test('a request without a point has no usage of the cache', () => {
    expect(new PromptCache().use('a', body([{ text: LONG }], QUESTION), () => 0, 0)).toBeUndefined()
  })
})

function ask(system: SystemContentBlock[], text = 'Hi', modelId = 'sized-100') {
  return new ConverseCommand({
    modelId,
    system,
    messages: [{ role: 'user', content: [{ text }] }],
    inferenceConfig: { maxTokens: 10 },
  })
}

test('an answer states what was read and written, and so does the log', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  await client.send(ask([{ text: LONG }, POINT]))
  const { usage } = await client.send(ask([{ text: LONG }, POINT], 'four'))
  expect(usage).toEqual({
    inputTokens: 1,
    outputTokens: 10,
    cacheReadInputTokens: 2_000,
    cacheWriteInputTokens: 0,
    cacheDetails: [],
    totalTokens: 2_011,
  })
  expect(sim.requests()).toMatchObject([
    { cacheReadTokens: 0, cacheWriteTokens: 2_000 },
    { tokens: 11, cacheReadTokens: 2_000, cacheWriteTokens: 0 },
  ])
})

test('Haiku caches 4,096 tokens at the least', async () => {
  const sim = await simForTest()
  const { usage } = await plainClient(sim).send(
    ask([{ text: LONG }, POINT], 'Hi', 'eu.anthropic.claude-haiku-4-5'),
  )
  expect(usage?.cacheWriteInputTokens).toBe(0)
})

test('a reset empties the cache', async () => {
  const sim = await simForTest()
  const client = plainClient(sim)
  await client.send(ask([{ text: LONG }, POINT]))
  sim.reset()
  expect((await client.send(ask([{ text: LONG }, POINT]))).usage?.cacheReadInputTokens).toBe(0)
})

test('tokens that are read are reserved and given back: they use no quota', async () => {
  const sim = await simForTest({ settings: { quotas: [{ tokensPerMinute: 10_000, burstSeconds: 60 }] } })
  const client = plainClient(sim)
  for (let call = 0; call < 6; call += 1) await client.send(ask([{ text: LONG }, POINT]))
  expect(sim.stats()).toMatchObject({ ok: 6, throttled: 0 })
})

test.each([
  [
    'five',
    [
      { text: 'a' },
      POINT,
      { text: 'b' },
      POINT,
      { text: 'c' },
      POINT,
      { text: 'd' },
      POINT,
      { text: 'e' },
      POINT,
    ],
    'A maximum of 4 blocks with cache_control may be provided. Found 5.',
  ],
  [
    'one of an hour after one of five minutes',
    [{ text: 'a' }, POINT, { text: 'b' }, HOUR],
    "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block",
  ],
])('Converse refuses %s among cache points', async (_, system, problem) => {
  const sim = await simForTest()
  const error = await errorOf(plainClient(sim).send(ask(system)))
  expect(error.name).toBe('ValidationException')
  expect(error.message).toContain(problem)
})
