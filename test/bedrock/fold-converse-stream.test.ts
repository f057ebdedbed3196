// Streams folded to the answer of Converse, however they were cut into pieces.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldConverseStream, type StreamEvent } from '../../src/bedrock/fold-converse-stream.ts'
import { type JsonObject, type JsonValue, parseJson, stringifyJson } from '../../src/job/json.ts'

function event(type: string, payload: JsonObject): StreamEvent {
  return { type, payload: { ...payload, p: 'abcdef' } }
}

function delta(contentBlockIndex: number, value: JsonObject): StreamEvent {
  return event('contentBlockDelta', { contentBlockIndex, delta: value })
}

/** The text in pieces of the given lengths. */
function pieces(text: string, sizes: readonly number[]): string[] {
  const parts: string[] = []
  let at = 0
  for (const size of sizes) {
    parts.push(text.slice(at, at + size))
    at += size
  }
  return [...parts, text.slice(at)]
}

const STOP = event('messageStop', { stopReason: 'end_turn' })
const START = event('messageStart', { role: 'assistant' })
const sizes = fc.array(fc.nat(7), { maxLength: 12 })

describe('a stream, folded', () => {
  it('is the whole answer, wherever texts and inputs of tools are cut', () => {
    fc.assert(
      fc.property(fc.string(), fc.json(), fc.string(), sizes, (text, json, thought, cuts) => {
        const input = json.startsWith('{') ? json : `{"value":${json}}`
        const events = [
          START,
          ...pieces(thought, cuts).map((piece) => delta(0, { reasoningContent: { text: piece } })),
          delta(0, { reasoningContent: { signature: 'sig' } }),
          ...pieces(text, cuts).map((piece) => delta(1, { text: piece })),
          event('contentBlockStart', {
            contentBlockIndex: 2,
            start: { toolUse: { toolUseId: 't', name: 'n' } },
          }),
          ...pieces(input, cuts).map((piece) => delta(2, { toolUse: { input: piece } })),
          event('contentBlockStop', { contentBlockIndex: 2 }),
          STOP,
          event('metadata', { usage: { inputTokens: 1 } }),
        ]
        const content = [
          { reasoningContent: { reasoningText: { text: thought, signature: 'sig' } } },
          { text },
          { toolUse: { toolUseId: 't', name: 'n', input: parseJson(input) } },
        ]
        const whole = { output: { message: { role: 'assistant', content } }, stopReason: 'end_turn' }
        expect(foldConverseStream(events)).toEqual({ ...whole, usage: { inputTokens: 1 } })
      }),
    )
  })

  it('keeps digits, unknown kinds, unknown events and unknown members', () => {
    const number: JsonValue = parseJson('{"n":12345678901234567890}')
    const folded = foldConverseStream([
      START,
      delta(0, { toolUse: { input: '{"n":12345678901234567890,' } }),
      delta(0, { toolUse: { input: '"m":1.10}' } }),
      delta(1, { hologram: { text: 'a', depth: number } }),
      delta(1, { hologram: { text: 'b' } }),
      event('weather', { sun: true }),
      event('messageStop', { stopReason: 'new_reason', aNewMember: 1 }),
    ])
    expect(stringifyJson(folded)).toBe(
      '{"output":{"message":{"role":"assistant","content":[{"toolUse":{"input":{"n":12345678901234567890,"m":1.10}}},' +
        '{"hologram":{"text":"ab","depth":{"n":12345678901234567890}}}]}},"weather":{"sun":true},"stopReason":"new_reason","aNewMember":1}',
    )
  })

  it('is null without its end; a broken input of a tool stays a text', () => {
    expect(foldConverseStream([START, delta(0, { text: 'a' })])).toBeNull()
    const broken = foldConverseStream([START, delta(0, { toolUse: { input: '{"a":' } }), STOP])
    expect(broken).toMatchObject({ output: { message: { content: [{ toolUse: { input: '{"a":' } }] } } })
  })
})
