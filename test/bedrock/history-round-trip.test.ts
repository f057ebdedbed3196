// What goes into a history as Bedrock's own JSON is sent, and comes back in the result, byte for byte: of every kind of block in the SDK's
// types, and of kinds and members that no SDK knows.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { converseDetails } from '../../src/bedrock/answer-details.ts'
import { bindRequest } from '../../src/connector/bind-request.ts'
import { isJsonObject, type JsonObject, parseJson, stringifyJson } from '../../src/job/json.ts'

const FACTS = { region: 'r', model: 'm', requestId: null, cost: null }
const options = { compatibility: '8.9' } as const

/** JSON text of numbers that JavaScript would write in another way. */
const number = fc.constantFrom('12345678901234567890', '1.10', '-0.0', '1E+2', '0.30000000000000004', '7')
const text = fc.string({ minLength: 1, unit: 'binary' }).map((value) => JSON.stringify(`x${value}`))
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    number,
    text,
    fc.constantFrom('null', 'true'),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    tie('object'),
  ),
  object: fc
    .uniqueArray(fc.tuple(fc.string({ minLength: 1 }), tie('value')), {
      maxLength: 3,
      selector: ([name]) => name,
    })
    .map((members) => `{${members.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`),
})) as { value: fc.Arbitrary<string>; object: fc.Arbitrary<string> }

const bytes = fc
  .uint8Array({ maxLength: 20 })
  .map((value) => JSON.stringify(Buffer.from(value).toString('base64')))
const source = fc.oneof(
  bytes.map((value) => `{"bytes":${value}}`),
  text.map((uri) => `{"s3Location":{"uri":${uri}}}`),
)
const media = (kind: string, format: string) =>
  source.map((value) => `{"${kind}":{"format":"${format}","source":${value}}}`)
const BLOCKS = fc.oneof(
  text.map((value) => `{"text":${value}}`),
  media('image', 'png'),
  media('video', 'three_gp'),
  media('audio', 'x-aac'),
  fc
    .tuple(text, source)
    .map(
      ([context, value]) =>
        `{"document":{"name":"a","source":${value},"context":${context},"citations":{"enabled":true}}}`,
    ),
  json.object.map((input) => `{"toolUse":{"toolUseId":"t1","name":"a","input":${input}}}`),
  fc
    .tuple(json.object, text)
    .map(
      ([value, said]) =>
        `{"toolResult":{"toolUseId":"t1","content":[{"json":${value}},{"text":${said}}],"status":"error"}}`,
    ),
  text.map((value) => `{"guardContent":{"text":{"text":${value},"qualifiers":["query"]}}}`),
  fc.constantFrom('{"cachePoint":{"type":"default"}}', '{"cachePoint":{"type":"default","ttl":"5m"}}'),
  fc
    .tuple(text, bytes)
    .map(
      ([said, signature]) =>
        `{"reasoningContent":{"reasoningText":{"text":${said},"signature":${signature}}}}`,
    ),
  bytes.map((value) => `{"reasoningContent":{"redactedContent":${value}}}`),
  text.map(
    (value) => `{"citationsContent":{"content":[{"text":${value}}],"citations":[{"title":${value}}]}}`,
  ),
  text.map((value) => `{"searchResult":{"source":${value},"title":${value},"content":[{"text":${value}}]}}`),
  fc.constantFrom(
    '{"toolAddition":{"tool":{"type":"t","name":"n"}}}',
    '{"toolRemoval":{"tool":{"name":"n"}}}',
  ),
  // Of a newer Bedrock.
  fc
    .tuple(fc.constantFrom('aNewBlock', 'toolUse', 'image'), json.object)
    .map(([kind, value]) => `{"${kind}":${value}}`),
  fc.tuple(text, json.value).map(([value, member]) => `{"text":${value},"aNewMember":${member}}`),
)
const MESSAGE = fc
  .tuple(
    fc.constantFrom('user', 'assistant', 'system'),
    fc.array(BLOCKS, { minLength: 1, maxLength: 4 }),
    json.value,
  )
  .map(
    ([role, blocks, member]) => `{"role":"${role}","content":[${blocks.join(',')}],"aNewMember":${member}}`,
  )

function variablesOf(history: readonly string[]): string {
  return `{"authentication":{"type":"defaultCredentialsChain"},"configuration":{"region":"eu-west-1"},"action":"converse","data":{"modelId":"m","newMessage":"And?","resultDetails":true,"messagesHistory":[${history.join(',')}]}}`
}

function callOf(history: readonly string[]) {
  const bound = bindRequest(variablesOf(history), options)
  if (!bound.ok) throw new Error(bound.error.message)
  if (bound.request.call.action !== 'converse') throw new Error('no Converse')
  return bound.request.call
}

/** At most four cache points, or Bedrock refuses the request. */
const pointsOf = (history: readonly string[]) => history.join().split('"cachePoint"').length - 1

describe('a history in the form of Bedrock', () => {
  it('is sent as it is, and the result repeats it as it is', () => {
    fc.assert(
      fc.property(fc.array(MESSAGE, { minLength: 1, maxLength: 3 }), (history) => {
        fc.pre(pointsOf(history) <= 4)
        const call = callOf(history)
        const last = '{"role":"user","content":[{"text":"And?"}]}'
        const written = history.map((message) => stringifyJson(parseJson(message)))
        expect(call.body).toBe(
          `{"messages":[${[...written, last].join(',')}],"inferenceConfig":{"maxTokens":512}}`,
        )
        const answer = parseJson(
          '{"output":{"message":{"role":"assistant","content":[{"text":"yes"}]}}}',
        ) as JsonObject
        const { messages } = converseDetails(call.messages, answer, FACTS)
        const answered = '{"role":"assistant","content":[{"text":"yes"}]}'
        expect(stringifyJson(messages ?? null)).toBe(`[${[...written, last, answered].join(',')}]`)
      }),
      { numRuns: 300 },
    )
  })

  it('comes back from an answer as it was, and is accepted as the next history', () => {
    fc.assert(
      fc.property(fc.array(BLOCKS, { minLength: 1, maxLength: 4 }), (blocks) => {
        fc.pre(pointsOf(blocks) <= 4)
        const text = `{"output":{"message":{"role":"assistant","content":[${blocks.join(',')}]}},"stopReason":"a_new_reason","aNewField":1.10}`
        const answer = parseJson(text) as JsonObject
        const result = converseDetails(callOf([]).messages, answer, FACTS)
        const { messages, stopReason, aNewField } = result
        expect([stopReason, stringifyJson(aNewField ?? null)]).toEqual(['a_new_reason', '1.10'])
        const next = callOf((messages as readonly JsonObject[]).map((message) => stringifyJson(message)))
        const sent = parseJson(next.body)
        const [, second] = isJsonObject(sent) ? (sent['messages'] as readonly JsonObject[]) : []
        expect(stringifyJson(second?.['content'] ?? null)).toBe(
          stringifyJson(parseJson(`[${blocks.join(',')}]`)),
        )
      }),
      { numRuns: 300 },
    )
  })

  it('keeps blocks of any kind in a contentList, too', () => {
    const block = '{"toolUse":{"toolUseId":"t1","name":"a","input":{"n":1.10}}}'
    const call = callOf([`{"role":"assistant","contentList":[{"text":"I look."},${block}]}`])
    expect(call.body).toContain(`{"role":"assistant","content":[{"text":"I look."},${block}]}`)
    expect(stringifyJson(call.messages[0] ?? null)).toBe(
      `{"role":"assistant","contentList":[{"text":"I look."},${block}]}`,
    )
  })

  it.each([
    [
      'blocks that the stock result has no form for',
      '{"role":"assistant","contentList":[{},{"text":"yes"}]}',
      '{"role":"assistant","content":[{"text":"yes"}]},',
    ],
    [
      'blank texts',
      '{"role":"user","contentList":[{"text":" "},{"text":"a"}]}',
      '{"role":"user","content":[{"text":"a"}]},',
    ],
    ['an answer without content', '{"role":"assistant","contentList":[]}', ''],
    ['an answer that says nothing', '{"role":"assistant","content":[{"text":""}]}', ''],
  ])('is sent without %s, which Bedrock refuses; the result repeats it', (_what, message, sent) => {
    const call = callOf([message])
    expect(call.body).toMatch(`{"messages":[${sent}{"role":"user","content":[{"text":"And?"}]}]`)
    expect(stringifyJson(call.messages[0] ?? null)).toBe(message)
  })
})
