import { describe, expect, test } from 'vitest'
import { STOCK_OPTIONS } from '../../src/bedrock/call-options.ts'
import type { ConverseCall } from '../../src/connector/bedrock-request.ts'
import { converseResponse } from '../../src/connector/converse-result.ts'
import { invokeResponse } from '../../src/connector/invoke-result.ts'
import { stringifyJson } from '../../src/job/json.ts'

const call: ConverseCall = {
  action: 'converse',
  modelId: 'm',
  body: '{"messages":[{"role":"user","content":[{"text":"hi"}]}],"inferenceConfig":{"maxTokens":512}}',
  messages: [{ role: 'user', contentList: [{ text: 'hi' }] }],
  options: STOCK_OPTIONS,
}

describe("Converse's response", () => {
  test('is the whole history, blocks without text as empty objects', () => {
    const message = { role: 'assistant', content: [{ toolUse: {} }, { text: 'yes' }, { text: '' }] }
    expect(converseResponse(call, { output: { message } })).toEqual({
      ok: true,
      response: [
        { role: 'user', contentList: [{ text: 'hi' }] },
        { role: 'assistant', contentList: [{}, { text: 'yes' }, { text: '' }] },
      ],
    })
  })

  test('keeps a message without role or content', () => {
    expect(converseResponse(call, { output: { message: {} } })).toMatchObject({
      response: [{}, { role: null, contentList: [] }],
    })
  })

  test('is a null pointer when the answer has no output', () => {
    expect(converseResponse(call, {})).toMatchObject({
      ok: false,
      error: { type: 'java.lang.NullPointerException', input: false },
    })
  })
})

describe("InvokeModel's response", () => {
  test.each([
    ['{"a":[9007199254740993,1e400,1E5]}', '{"body":{"a":[9007199254740993,"Infinity",100000.0]}}'],
    ['"text"', '{"body":"text"}'],
    ['null', '{"body":null}'],
    ['{"a":1} and more', '{"body":{"a":1}}'],
    ['{"a":1,"a":2}', '{"body":{"a":2}}'],
  ])('wraps %s', (body, response) => {
    const result = invokeResponse(body)
    expect(result.ok && stringifyJson(result.response)).toBe(response)
  })

  test.each([
    ['', 'No content to map due to end-of-input'],
    [`${'['.repeat(1001)}${']'.repeat(1001)}`, /^Document nesting depth \(1001\) exceeds/],
    [`${'['.repeat(200_000)}`, /^Document nesting depth \(1001\) exceeds/],
  ])('fails for text that Jackson does not read as JSON: case %#', (body, message) => {
    expect(invokeResponse(body)).toEqual({
      ok: false,
      error: { type: 'java.lang.RuntimeException', message: expect.stringMatching(message), input: false },
    })
  })
})
