// Diagrams of template version 1 (8.6): inputs, request and result of that version, behind a switch.
import { describe, expect, test } from 'vitest'
import type { ConverseCall } from '../../src/connector/bedrock-request.ts'
import { bindRequest } from '../../src/connector/bind-request.ts'
import { converseResponse } from '../../src/connector/converse-result.ts'

const options = { compatibility: '8.9', templateV1: true } as const
const inputs = (data: object) => ({
  authentication: { type: 'credentials', accessKey: 'AKIA', secretKey: 's' },
  configuration: { region: 'eu-west-1' },
  action: 'converse',
  data: { modelId: 'm', ...data },
})

function callOf(data: object): ConverseCall {
  const bound = bindRequest(JSON.stringify(inputs(data)), options)
  if (!bound.ok) throw new Error(bound.error.message)
  if (bound.request.call.action !== 'converse') throw new Error('no Converse')
  return bound.request.call
}

function errorOf(data: object, using: Parameters<typeof bindRequest>[1] = options): string {
  const bound = bindRequest(JSON.stringify(inputs(data)), using)
  return bound.ok ? 'none' : bound.error.message
}

const roleOf = (role: unknown) =>
  callOf({ nextMessage: 'And?', messages: [{ message: 'Hi', role }] }).messages[0]?.['role']

describe('a task of template version 1', () => {
  test('sends its history, roles in lower case, and its next message', () => {
    const messages = [
      { message: 'Hi', role: 'USER' },
      { message: 'Hello', role: 'ASSISTANT' },
    ]
    const data = { nextMessage: 'And?', messages, maxTokens: '512', temperature: '0.5', topP: '' }
    const call = callOf(data)
    expect(JSON.parse(call.body)).toEqual({
      messages: [
        { role: 'user', content: [{ text: 'Hi' }] },
        { role: 'assistant', content: [{ text: 'Hello' }] },
        { role: 'user', content: [{ text: 'And?' }] },
      ],
      inferenceConfig: { maxTokens: 512, temperature: 0.5 },
    })
    expect(call).toMatchObject({
      modelId: 'm',
      messages: [
        { role: 'user', contentList: [{ text: 'Hi' }] },
        { role: 'assistant', contentList: [{ text: 'Hello' }] },
        { role: 'user', contentList: [{ text: 'And?' }] },
      ],
    })
  })

  test('returns its history with Java names for roles, and the first text of the answer', () => {
    const call = callOf({ nextMessage: 'And?', messages: [{ message: 'Hi', role: 'USER' }] })
    const content = [{ text: 'Well' }, { text: 'then' }]
    expect(converseResponse(call, { output: { message: { role: 'assistant', content } } })).toEqual({
      ok: true,
      response: {
        messageHistory: [
          { message: 'Hi', role: 'USER' },
          { message: 'And?', role: 'USER' },
          { message: 'Well', role: 'ASSISTANT' },
        ],
        newMessage: 'Well',
      },
    })
  })

  test('may omit its history, or give one message in place of a list', () => {
    expect(callOf({ nextMessage: 'And?', messages: null }).messages).toHaveLength(1)
    expect(callOf({ nextMessage: 'And?' }).messages).toHaveLength(1)
    expect(callOf({ nextMessage: 'And?', messages: { message: 'Hi', role: 'USER' } }).messages).toHaveLength(
      2,
    )
  })

  test.each([
    ['USER', 'user'],
    ['assistant', 'assistant'],
    [' User ', 'user'],
    [['ASSISTANT'], 'assistant'],
    [1, 'assistant'],
    ['0', 'user'],
    [null, null],
  ])('may name a role %j, as Jackson reads a Java enum', (role, bound) => {
    expect(roleOf(role)).toBe(bound)
  })

  test.each(['SYSTEM', '', ' ', 2, '7'])('fails with a role %j that Java does not know', (role) => {
    expect(errorOf({ nextMessage: 'And?', messages: [{ message: 'Hi', role }] })).toBe(
      'Cannot invoke "String.isEmpty()" because "str" is null',
    )
  })

  test.each([
    [true, 'Boolean value (token `JsonToken.VALUE_TRUE`)'],
    [{}, 'Object value (token `JsonToken.START_OBJECT`)'],
    [[], 'Array value (token `JsonToken.START_ARRAY`)'],
    [['USER', 'USER'], 'contains more than one value'],
  ])('fails with a role %j that is no name', (role, message) => {
    expect(errorOf({ nextMessage: 'And?', messages: [{ message: 'Hi', role }] })).toContain(message)
  })

  test.each([null, '', ' '])(
    'without a next message (%j) fails, and the message names that field',
    (nextMessage) => {
      expect(errorOf({ nextMessage })).toContain(
        'Property: data.nextMessage: Validation failed. Original message: must not be blank',
      )
    },
  )
})

describe('a task is not treated as version 1', () => {
  const current = 'data.newMessage: Validation failed. Original message: must not be blank'

  test('if the switch is off', () => {
    expect(errorOf({ nextMessage: 'And?' }, { compatibility: '8.9' })).toContain(current)
  })

  test('if it has a new message, too', () => {
    const call = callOf({
      nextMessage: 'And?',
      newMessage: 'Now',
      messages: [{ message: 'Hi', role: 'USER' }],
    })
    expect(call).toMatchObject({ messages: [{ contentList: [{ text: 'Now' }] }] })
    expect(call.templateV1).toBeUndefined()
  })

  test('if it has neither message', () => {
    expect(errorOf({ messages: [] })).toContain(current)
  })

  test('if its action is another', () => {
    const variables = { ...inputs({ nextMessage: 'And?', payload: { a: 1 } }), action: 'invokeModel' }
    expect(bindRequest(JSON.stringify(variables), options)).toMatchObject({
      ok: true,
      request: { call: { action: 'invokeModel', body: '{"a":1}' } },
    })
  })
})
