import { describe, expect, it } from 'vitest'
import { answerDetails, converseDetails, invokeDetails } from '../../src/bedrock/answer-details.ts'
import { type JsonObject, parseJson, stringifyJson } from '../../src/job/json.ts'

const FACTS = { region: 'eu-west-1', model: 'm', requestId: 'r', cost: 0.25 }

describe('the result of Converse with all details', () => {
  const use =
    '{"toolUse":{"toolUseId":"t1","name":"weather","input":{"city":"Oslo","days":1.10,"_meta":"mine"}}}'
  const text = `{"output":{"message":{"role":"assistant","content":[{"text":"I "},{"text":"look."},${use},{"toolUse":{"toolUseId":"s1","name":"web","input":{},"type":"server_tool_use"}}]}},"stopReason":"tool_use","usage":{"inputTokens":1},"aNewField":12345678901234567890}`
  const details = converseDetails(
    [{ role: 'user', contentList: [{ text: 'Hi' }] }],
    parseJson(text) as JsonObject,
    FACTS,
  )

  it('has the history as it came and the answer as Bedrock gave it', () => {
    expect(details).toMatchObject({
      messages: [{ role: 'user', contentList: [{ text: 'Hi' }] }, details['message']],
      text: 'I look.',
      stopReason: 'tool_use',
      ...FACTS,
    })
    expect(details).not.toHaveProperty('output')
    expect(stringifyJson(details['aNewField'] ?? null)).toBe('12345678901234567890')
  })

  it('has the calls of tools, arguments by name, without those that Bedrock ran itself', () => {
    expect(stringifyJson(details['toolCalls'] ?? null)).toBe(
      '[{"city":"Oslo","days":1.10,"_meta":{"id":"t1","name":"weather"}}]',
    )
  })

  it('has no text and no message where the answer has none', () => {
    expect(converseDetails([], {}, FACTS)).toMatchObject({
      messages: [],
      message: null,
      text: null,
      toolCalls: [],
    })
  })
})

it('InvokeModel tells with all details what its headers say', () => {
  const headers = {
    'content-type': 'application/json',
    'x-amzn-bedrock-input-token-count': '3',
    'x-amzn-bedrock-output-token-count': '4',
    'x-amzn-bedrock-service-tier': 'flex',
  }
  expect(invokeDetails({ body: { a: 1 } }, headers, FACTS)).toEqual({
    body: { a: 1 },
    contentType: 'application/json',
    usage: {
      inputTokens: 3,
      outputTokens: 4,
      totalTokens: 7,
      cacheReadInputTokens: 0,
      cacheWriteInputTokens: 0,
    },
    serviceTier: { type: 'flex' },
    ...FACTS,
  })
  expect(answerDetails({ inputTokens: 7 }, FACTS)).toEqual({ inputTokens: 7, ...FACTS })
})
