// Which beginnings of requests are the same, and where the cache point goes.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leastCached, prefixesOf, ttlFor, withPointAfter } from '../../src/bedrock/shared-prefix.ts'
import { makeSharedPrefixes } from '../../src/execute/shared-prefixes.ts'
import type { JsonObject } from '../../src/job/json.ts'

const text = (value: string) => ({ text: value })
const user = (value: string) => ({ role: 'user', content: [text(value)] })
const body = (over: object = {}): JsonObject => ({
  messages: [user('an example'), { role: 'assistant', content: [text('yes')] }, user('the question')],
  system: [text('Be brief.')],
  toolConfig: { tools: [{ toolSpec: { name: 'weather' } }] },
  ...over,
})
const POINT = { cachePoint: { type: 'default' } }

describe('a request', () => {
  it('has a beginning up to its tools, its system prompt and its history', () => {
    expect(prefixesOf(body()).map(({ place }) => place)).toEqual(['tools', 'system', 'history'])
    expect(prefixesOf({ messages: [user('Hi')] })).toEqual([])
    expect(prefixesOf({ messages: [user('Hi')], system: [] })).toEqual([])
  })

  it('with cache points of its own gets none', () => {
    expect(prefixesOf(body({ system: [text('Be brief.'), POINT] }))).toEqual([])
  })

  it('shares the beginnings before the first difference, and no others', () => {
    const hashes = (over: object) => new Set(prefixesOf(body(over)).map(({ hash }) => hash))
    const same = (over: object) =>
      prefixesOf(body())
        .filter(({ hash }) => hashes(over).has(hash))
        .map(({ place }) => place)
    expect(same({ inferenceConfig: { maxTokens: 9 } })).toEqual(['tools', 'system', 'history'])
    expect(same({ messages: [user('another'), user('question')] })).toEqual(['tools', 'system'])
    expect(same({ system: [text('Be long.')] })).toEqual(['tools'])
    expect(same({ toolConfig: { tools: [] } })).toEqual([])
  })

  it('gets a point at the end of a place, and keeps all else', () => {
    const [tools, system, history] = prefixesOf(body())
    if (!tools || !system || !history) throw new Error('It has three')
    expect(withPointAfter(body(), system, '1h')).toEqual(
      body({ system: [text('Be brief.'), { cachePoint: { type: 'default', ttl: '1h' } }] }),
    )
    expect(withPointAfter(body(), tools, null)).toMatchObject({
      toolConfig: { tools: [{ toolSpec: { name: 'weather' } }, POINT] },
    })
    const [first, second, last] = body()['messages'] as JsonObject[]
    expect(withPointAfter(body(), history, null)['messages']).toEqual([
      first,
      { role: 'assistant', content: [text('yes'), POINT] },
      last,
    ])
    expect(second).toBeDefined()
  })

  it('of other parts never has the hash of another beginning', () => {
    const lists = fc.array(fc.record({ text: fc.string() }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(lists, lists, (tools, system) => {
        const one = prefixesOf({ toolConfig: { tools }, system, messages: [user('x')] })
        const other = prefixesOf({ system: [...tools, ...system], messages: [user('x')] })
        expect(new Set([...one, ...other].map(({ hash }) => hash)).size).toBe(3)
      }),
    )
  })
})

it.each([
  ['eu.anthropic.claude-sonnet-4-6', 1_024],
  ['anthropic.claude-haiku-4-5-20251001-v1:0', 4_096],
  ['anthropic.claude-opus-4-5-20251101-v1:0', 4_096],
  ['anthropic.claude-opus-4-1-20250805-v1:0', 1_024],
  ['us.amazon.nova-pro-v1:0', 1_000],
  ['anthropic.claude-3-sonnet-20240229-v1:0', null],
  ['meta.llama3-70b-instruct-v1:0', null],
])('%s caches prefixes of %s tokens or more', (model, tokens) => {
  expect(leastCached(model)).toBe(tokens)
})

it('an hour is asked for only of models that have it', () => {
  expect(ttlFor('eu.anthropic.claude-sonnet-4-5-20250929-v1:0', '1h')).toBe('1h')
  expect(ttlFor('us.anthropic.claude-opus-5', '1h')).toBe('1h')
  expect(ttlFor('anthropic.claude-3-7-sonnet-20250219-v1:0', '1h')).toBeNull()
  expect(ttlFor('amazon.nova-pro-v1:0', '5m')).toBe('5m')
})

describe('what calls of a flow share', () => {
  const prefix = (hash: string, place: 'system' | 'history' = 'system') => ({ place, hash, characters: 1 })

  it('is known from the second call on, the longest first, by flow', () => {
    const shared = makeSharedPrefixes()
    const call = [prefix('a'), prefix('b', 'history')]
    expect(shared.longestKnown('f', call)).toBeNull()
    expect(shared.longestKnown('g', call)).toBeNull()
    expect(shared.longestKnown('f', call)).toEqual(prefix('b', 'history'))
    expect(shared.longestKnown('f', [prefix('a'), prefix('c', 'history')])).toEqual(prefix('a'))
    expect(shared.longestKnown('f', call)).toEqual(prefix('b', 'history'))
  })

  it('is forgotten after many other prompts of the flow, and after many other flows', () => {
    const shared = makeSharedPrefixes()
    shared.longestKnown('f', [prefix('a')])
    for (let other = 0; other < 20; other += 1) shared.longestKnown('f', [prefix(`o${other}`)])
    expect(shared.longestKnown('f', [prefix('a')])).toBeNull()
    for (let other = 0; other < 2_001; other += 1) shared.longestKnown(`g${other}`, [prefix('a')])
    expect(shared.longestKnown('f', [prefix('a')])).toBeNull()
  })
})
