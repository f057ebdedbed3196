// The functions of documents that inputs may call.
import { describe, expect, test } from 'vitest'
import { bind, body, CAMUNDA, call, converse, EXTERNAL } from '../bound-documents.ts'

describe('an intrinsic function', () => {
  test.each([
    [call('base64', CAMUNDA), 'RE9D'],
    [call('base64', 'hé'), 'aMOp'],
    [call('getText', CAMUNDA), 'DOC'],
    [call('getText', [CAMUNDA], 'ISO-8859-1'), 'DOC'],
    [{ 'camunda.function.type': 'getText', params: CAMUNDA }, 'DOC'],
    [call('base64', call('getText', CAMUNDA)), 'RE9D'],
    [call('createLink', EXTERNAL), 'https://example.com/a.pdf'],
    [call('createLink', CAMUNDA), 'link of null'],
    [call('createLink', CAMUNDA, 'PT1H'), 'link of 3600000'],
    [call('createLink', CAMUNDA, 60), 'link of 60000'],
    [call('createLink', CAMUNDA, 1.5), 'link of 1500'],
    [call('createLink', CAMUNDA, ''), 'link of null'],
    [call('getText', CAMUNDA, ['utf-8']), 'DOC'],
  ])('%j is replaced by its value', (value, expected) => {
    expect(body({ a: [value] })).toEqual({ a: [expected] })
  })

  test('getJson reads an object, or a part of it', () => {
    const outside = { content: '{"a":{"b":[1,2.5]}}' }
    expect(body(call('getJson', CAMUNDA), outside)).toEqual({ a: { b: [1, 2.5] } })
    expect(body({ x: call('getJson', CAMUNDA, 'a.b[2]') }, outside)).toEqual({ x: 2.5 })
    expect(body({ x: call('getJson', CAMUNDA, '') }, outside)).toEqual({ x: { a: { b: [1, 2.5] } } })
  })

  const failure = (name: string, given: string) =>
    `ConnectorInputException: Failed to execute intrinsic function: ${name} with arguments: [${given}]`
  const unfit = (index: number, type: string) =>
    `ConnectorInputException: Failed to convert parameter arg${index} at index ${index} to type ${type}`
  const DOCUMENT = 'interface io.camunda.connector.api.document.Document'
  test.each([
    [call('nope', 1), 'ConnectorInputException: No intrinsic function found with name: nope'],
    [call('getText'), 'ConnectorInputException: Parameter at index 0 is required but not provided'],
    [call('getText', 'x'), unfit(0, DOCUMENT)],
    [call('getText', CAMUNDA, {}), unfit(1, 'class java.lang.String')],
    [call('createLink', CAMUNDA, true), unfit(1, 'class java.time.Duration')],
    [call('nope'), 'ConnectorInputException: No intrinsic function found with name: nope'],
    [call('base64', 5), failure('base64', '5')],
    [call('createLink', CAMUNDA, 'soon'), unfit(1, 'class java.time.Duration')],
    [call('getText', null), failure('getText', 'null, null')],
    [call('base64', { a: [1, null] }), failure('base64', '{a=[1, null]}')],
    [
      { 'camunda.function.type': 'getText' },
      'ConnectorInputException: Cannot invoke "java.util.List.size()" because the return value of "io.camunda.connector.document.jackson.IntrinsicFunctionParams$Positional.params()" is null',
    ],
  ])('%j fails as in the runtime', (value, message) => {
    expect(body(value)).toBe(message)
  })

  test('that fails names its document as Java does, never its content', () => {
    expect(body(call('getJson', CAMUNDA), { content: 'no JSON' })).toMatch(
      /: getJson with arguments: \[io\.camunda\.connector\.runtime\.core\.document\.CamundaDocument@[0-9a-f]+, null\]$/,
    )
    expect(body(call('getText', CAMUNDA, call('getText', CAMUNDA)), { content: 'nonsense' })).toMatch(
      /, the content of a document\]$/,
    )
    expect(body(call('base64', [{ a: call('getText', CAMUNDA) }]), { content: 'nonsense' })).toMatch(
      /: \[the content of a document\]$/,
    )
  })

  test('accepts neither a list nor the `=` of an expression', () => {
    expect(body(call('base64', [CAMUNDA]))).toMatch(/with arguments: \[\[io\.camunda\..*@[0-9a-f]+\]\]$/)
    expect(body(call('getJson', CAMUNDA, '=a'), { content: '{"a":1}' })).toMatch(/, =a\]$/)
  })

  test('in a text must give a text', () => {
    const { bound } = bind(converse({ newMessage: call('getJson', CAMUNDA) }), { content: '{"a":1}' })
    expect(!bound.ok && bound.error.message).toMatch(
      /^Unsupported operation result, expected a string, got: /,
    )
  })

  test('is run ten times for a job at the most', () => {
    const ten = Array.from({ length: 10 }, () => call('base64', 'x'))
    expect(body(ten)).toHaveLength(10)
    expect(body([...ten, call('base64', 'x')])).toBe(
      'ConnectorInputException: Intrinsic function limit exceeded',
    )
  })

  test('cannot be given an external document in 8.8', () => {
    const options = { compatibility: '8.8' } as const
    expect(body(call('base64', EXTERNAL), { options })).toBe(unfit(0, 'class java.lang.Object'))
  })
})
