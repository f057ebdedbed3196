import { describe, expect, test } from 'vitest'
import type { Compatibility } from '../../src/connector/compatibility.ts'
import { outputVariables } from '../../src/connector/output-variables.ts'
import { evaluate } from '../../src/feel/evaluate.ts'
import { type JsonObject, type JsonValue, parseJson, stringifyJson } from '../../src/job/json.ts'
import type { Headers } from '../../src/job/task-headers.ts'

const body = { choices: [{ message: { content: 'Hello' } }], n: 1 }
const response: JsonValue = { body }

const inTime = async (expression: string, variables: JsonObject) => evaluate(expression, variables)

async function output(
  headers: Headers,
  { of = response, line = '8.8' as Compatibility } = {},
): Promise<unknown> {
  const result = await outputVariables(of, headers, {
    compatibility: line,
    evaluate: inTime,
    mask: (text) => text,
  })
  if (!result.ok) return result.error
  // The text that is sent and the variables that the error expression sees are the same.
  expect(result.json).toBe(stringifyJson(result.variables))
  return result.json
}

async function messageOf(
  headers: Headers,
  settings?: { of?: JsonValue; line?: Compatibility },
): Promise<string> {
  const result = await output(headers, settings)
  if (typeof result !== 'object' || result === null || !('message' in result))
    throw new Error(`output: ${result}`)
  return String(result.message)
}

describe('output variables', () => {
  test.each([
    [{}, '{}'],
    [{ resultVariable: '\u2003', resultExpression: ' ' }, '{}'],
    [{ resultVariable: 'v' }, '{"v":{"body":{"choices":[{"message":{"content":"Hello"}}],"n":1}}}'],
    [
      { resultVariable: '__proto__', resultExpression: '{a: 1}' },
      `{"__proto__":${JSON.stringify(response)},"a":1}`,
    ],
    [{ resultExpression: '= {a: body.n, b: response.body.n, c: body.nope.x}' }, '{"a":1,"b":1,"c":null}'],
    [{ resultVariable: 'v', resultExpression: '{v: "expression"}' }, '{"v":"expression"}'],
    [{ resultExpression: '=null' }, '{}'],
    [{ resultExpression: '={}' }, '{}'],
  ])('of %j', async (headers: Headers, variables) => {
    expect(await output(headers)).toBe(variables)
  })

  test('a null response is a variable too', async () => {
    expect(await output({ resultVariable: 'v' }, { of: null })).toBe('{"v":null}')
    expect(await output({ resultExpression: '={a: response}' }, { of: null })).toBe('{"a":null}')
  })

  test('a key of the response named response is hidden by the response', async () => {
    expect(await output({ resultExpression: '={a: response.response}' }, { of: { response: 'inner' } })).toBe(
      '{"a":"inner"}',
    )
  })

  test('numbers beyond 2^53 stay exact both ways', async () => {
    const of = parseJson('{"body":{"big":9007199254740993,"half":1.0}}')
    const headers = { resultVariable: 'v', resultExpression: '={big: body.big}' }
    expect(await output(headers, { of })).toBe(
      '{"v":{"body":{"big":9007199254740993,"half":1.0}},"big":9007199254740993}',
    )
  })

  test('8.8 unwraps a list of one object, later lines do not', async () => {
    const headers = { resultExpression: '=[{a: 1}]' }
    expect(await output(headers)).toBe('{"a":1}')
    expect(await output({ resultExpression: '=[null]' })).toBe('{}')
    expect(await output(headers, { line: '8.9' })).toMatchObject({ input: true })
  })

  test.each(['=[1,2]', '="x"', '=1', '=true', '=[[{a: 1}]]', '=""'])(
    'the result expression %s is refused',
    async (resultExpression) => {
      const json = JSON.stringify(JSON.parse(resultExpression.slice(1).replace('{a:', '{"a":'))).replace(
        '{"a": ',
        '{"a":',
      )
      expect(await output({ resultExpression })).toEqual({
        type: 'io.camunda.connector.api.error.ConnectorInputException',
        input: true,
        message: `io.camunda.connector.feel.FeelEngineWrapperException: Failed to evaluate expression '${resultExpression}' in context '${json}'. Reason: Cannot parse '${json}' as 'java.util.Map'.`,
      })
    },
  )

  test.each([
    ['=[1]', 'array', '[1]'],
    ['="x"', 'string', '"x"'],
    ['=1', 'number', '1'],
    ['=true', 'boolean', 'true'],
  ])('from 8.9 on the message calls %s a %s', async (resultExpression, kind, json) => {
    expect(await messageOf({ resultExpression }, { line: '8.9' })).toBe(
      `io.camunda.connector.feel.FeelEngineWrapperException: Failed to evaluate expression '${resultExpression}' in context '${json}'. Reason: Result expression must return a JSON object, but got ${kind}. Evaluated value: ${json}`,
    )
  })

  test('an expression that cannot be parsed uses up one retry', async () => {
    const headers = { resultExpression: '={x: ' }
    const reason = `failed to parse expression '{x:': Expected (start-of-input | ifOp | forOp | quantifiedOp | disjunction):1:1, found "{x:"`
    expect(await output(headers)).toEqual({
      type: 'io.camunda.connector.feel.FeelEngineWrapperException',
      input: false,
      message: `Failed to evaluate expression '={x: ' in context '[Ljava.lang.Object;@00000000'. Reason: ${reason}`,
    })
    const shown = 'InvokeModelWrappedResponse[body={a=[1, null]}]'
    expect(await messageOf(headers, { of: { body: { a: [1, null] } }, line: '8.9' })).toBe(
      `Failed to evaluate expression '={x: ' in context '[${shown}, {response=${shown}}]'. Reason: ${reason}`,
    )
  })

  test('the discriminator of intrinsic functions is refused in a mapped result only', async () => {
    const of = { body: { 'camunda.function.type': 'f' } }
    expect(await output({ resultVariable: 'v' }, { of })).toBe('{"v":{"body":{"camunda.function.type":"f"}}}')
    expect(await messageOf({ resultExpression: '={a: body}' }, { of })).toBe(
      `io.camunda.connector.feel.FeelEngineWrapperException: Failed to evaluate expression 'camunda.function.type' in context '{"a":{"camunda.function.type":"f"}}'. Reason: The connector result contains a forbidden literal 'camunda.function.type'.`,
    )
  })

  test('from 8.9 on variables beyond 1.5 MB are refused, 8.8 sends any size', async () => {
    const of = 'ü'.repeat(800_000)
    expect(await output({ resultVariable: 'v' }, { of })).toHaveLength(800_008)
    expect(await output({ resultVariable: 'v' }, { of, line: '8.9' })).toMatchObject({
      input: true,
      message: expect.stringMatching(
        /^Output variables payload \(1600008 bytes\) exceeds the 1\.5 MB safe variable size limit/,
      ),
    })
    expect(await output({}, { of, line: '8.9' })).toBe('{}')
  })
})
