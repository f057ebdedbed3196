import { describe, expect, test } from 'vitest'
import type { Compatibility } from '../../src/connector/compatibility.ts'
import { type ConnectorError, inputError, javaError } from '../../src/connector/connector-error.ts'
import { executionOutcome } from '../../src/connector/execution-outcome.ts'
import { evaluate } from '../../src/feel/evaluate.ts'
import type { JsonValue } from '../../src/job/json.ts'
import type { Outcome } from '../../src/job/outcome.ts'
import type { Headers } from '../../src/job/task-headers.ts'

const response: JsonValue = { body: { answer: 'Hello', n: 1 } }
const failure = javaError('java.lang.RuntimeException', 'exception message')
const EXCEPTION = 'io.camunda.connector.feel.FeelEngineWrapperException'
const INPUT = 'io.camunda.connector.api.error.ConnectorInputException'

interface Run {
  readonly of?: JsonValue | ConnectorError
  readonly line?: Compatibility
  readonly retries?: number
  readonly headers?: Headers
}

async function run(
  errorExpression: string,
  { of = failure, line = '8.9', retries = 3, headers = {} }: Run = {},
): Promise<Outcome> {
  const result =
    of === failure || isError(of)
      ? { ok: false as const, error: of as ConnectorError }
      : { ok: true as const, response: of as JsonValue }
  const end = await executionOutcome(result, {
    retries,
    headers: { retryBackoff: 'PT1M', ...headers, errorExpression },
    compatibility: line,
    mask: (text) => text,
    evaluate: async (expression, context) => evaluate(expression, context, line),
  })
  return end.outcome
}

const isError = (of: unknown): boolean => typeof of === 'object' && of !== null && 'input' in of

function errorOf(outcome: Outcome): { type: string; message: string } {
  if (outcome.kind !== 'failed') throw new Error(`not failed: ${outcome.kind}`)
  return JSON.parse(outcome.variables).error
}

describe('an error expression that gives nothing', () => {
  test.each([
    '',
    ' ',
    '=',
    '= ',
    'if error.code = "X" then bpmnError("X", "m") else {}',
    'if error.code = "X" then bpmnError("X", "m") else null',
    '={}',
    'nope(1)',
    '={errorType: "bpmnError", errorMessage: "no code"}',
  ])('%j leaves the failure as it is', async (expression) => {
    if (expression.trim() === '=') return
    expect(await run(expression, { line: '8.8' })).toEqual({
      kind: 'failed',
      retries: 2,
      retryBackoffMs: 60_000,
      errorMessage: 'exception message',
      variables: '{"error":{"message":"exception message","type":"java.lang.RuntimeException"}}',
    })
  })

  test('leaves an input error without retries', async () => {
    expect(await run('null', { of: inputError('bad') })).toMatchObject({ retries: 0, retryBackoffMs: 60_000 })
  })

  test('leaves a success as it is', async () => {
    expect(await run('null', { of: response, headers: { resultVariable: 'v' } })).toEqual({
      kind: 'completed',
      variables: '{"v":{"body":{"answer":"Hello","n":1}}}',
    })
  })
})

describe('what an error expression sees', () => {
  test('of a failure: error, response.error and job', async () => {
    const outcome = await run('bpmnError("C", "m", {e: error, r: response, j: job})')
    const error = { message: 'exception message', type: 'java.lang.RuntimeException' }
    expect(JSON.parse(outcome.variables)).toEqual({ e: error, r: { error }, j: { retries: 3 } })
  })

  test('of a success without output variables: the response', async () => {
    const outcome = await run('bpmnError("C", body.answer, {r: response.body.n, j: job.retries})', {
      of: response,
    })
    expect(outcome).toEqual({
      kind: 'bpmnError',
      errorCode: 'C',
      errorMessage: 'Hello',
      variables: '{"r":1,"j":3}',
    })
  })

  test('of a success with output variables: them, and the response not', async () => {
    const expression = 'bpmnError("C", "m", {top: text, via: response.text, raw: response.body})'
    const headers = { resultExpression: '={text: body.answer}' }
    const outcome = await run(expression, { of: response, headers })
    expect(JSON.parse(outcome.variables)).toEqual({ top: 'Hello', via: 'Hello', raw: null })
  })

  test('of a list as response: only response', async () => {
    expect(await run('bpmnError("C", response[1].role)', { of: [{ role: 'user' }] })).toMatchObject({
      errorMessage: 'user',
    })
  })

  test('of a response that could not be mapped: that failure', async () => {
    const headers = { resultExpression: '=1' }
    expect(await run('bpmnError("C", error.type)', { of: response, headers })).toMatchObject({
      errorMessage: INPUT,
    })
  })
})

describe('bpmnError', () => {
  test('throws an error, also on success', async () => {
    const expected = { kind: 'bpmnError', errorCode: '9999', errorMessage: 'm', variables: '{}' }
    expect(await run('bpmnError("9999", "m")')).toEqual(expected)
    expect(await run('bpmnError("9999", "m")', { of: response })).toEqual(expected)
  })

  test('has a message of at most 6000 characters', async () => {
    const long = 'string join(for i in 1..700 return "0123456789")'
    const outcome = await run(`bpmnError("C", ${long})`)
    expect(outcome.kind === 'bpmnError' && outcome.errorMessage.length).toBe(6000)
  })

  test('requires texts', async () => {
    const outcome = await run('bpmnError(123, "")')
    expect(outcome).toMatchObject({ retries: 0, retryBackoffMs: 0 })
    expect(errorOf(outcome).type).toBe(EXCEPTION)
    expect(errorOf(outcome).message).toContain(
      "Parameter 'errorCode' of function 'bpmnError' must be a String",
    )
  })

  test('accepts a code alone from 8.10 on', async () => {
    expect(await run('bpmnError("C")', { line: '8.10' })).toMatchObject({ errorCode: 'C', errorMessage: '' })
    expect(await run('bpmnError("C")', { line: '8.9' })).toMatchObject({ kind: 'failed', retries: 2 })
  })

  test('as a context written by hand', async () => {
    const raw = '{errorType: "bpmnError", errorCode: 7, errorMessage: true, variables: {a: 1}, other: 1}'
    expect(await run(raw)).toEqual({
      kind: 'bpmnError',
      errorCode: '7',
      errorMessage: 'true',
      variables: '{"a":1}',
    })
  })

  test('as a context without a message is a NullPointerException before 8.10', async () => {
    const raw = '{errorType: "bpmnError", errorCode: "C"}'
    expect(await run(raw, { line: '8.10' })).toMatchObject({ kind: 'bpmnError', errorMessage: '' })
    const outcome = await run(raw)
    expect(outcome).toMatchObject({ retries: 0, retryBackoffMs: 0 })
    expect(errorOf(outcome)).toEqual({ message: '', type: 'java.lang.NullPointerException' })
  })
})

describe('jobError', () => {
  test('fails the job with its message alone, and no retries', async () => {
    expect(await run('jobError("my message")', { line: '8.8' })).toEqual({
      kind: 'failed',
      retries: 0,
      retryBackoffMs: 0,
      errorMessage: 'my message',
      variables: '{"error":"my message"}',
    })
  })

  test('fails it with retries and backoff of its own', async () => {
    const outcome = await run('jobError("m", {}, job.retries - 1, @"PT10S")', { retries: 5 })
    expect(outcome).toMatchObject({ retries: 4, retryBackoffMs: 10_000 })
    expect(await run('jobError("m", {}, -1)')).toMatchObject({ retries: 0 })
  })

  test('keeps its variables from 8.9 on, and overwrites error', async () => {
    const expression = 'jobError("MyError", {myVar: "myVal", error: 1})'
    expect(await run(expression)).toMatchObject({
      errorMessage: 'MyError | Error variables: {error=MyError, myVar=myVal}',
      variables: '{"myVar":"myVal","error":"MyError"}',
    })
    expect(await run(expression, { line: '8.8' })).toMatchObject({
      errorMessage: 'MyError',
      variables: '{"error":"MyError"}',
    })
  })

  test('fails a job that succeeded', async () => {
    expect(await run('jobError("no", {}, 2)', { of: response })).toMatchObject({ kind: 'failed', retries: 2 })
  })

  test('as a context without retries is a NullPointerException', async () => {
    const outcome = await run('{errorType: "jobError", errorMessage: "m"}')
    expect(outcome).toMatchObject({ retries: 0 })
    expect(errorOf(outcome).type).toBe('java.lang.NullPointerException')
    expect(errorOf(outcome).message).toContain('JobError.retries()" is null')
  })

  test.each([
    ['"PT10S"', 10_000],
    ['2.5', 2500],
    ['null', 0],
  ])('as a context takes a backoff of %s', async (given, retryBackoffMs) => {
    const raw = `{errorType: "jobError", errorMessage: "m", retries: "2", retryBackoff: ${given}}`
    expect(await run(raw)).toMatchObject({ retries: 2, retryBackoffMs })
  })
})

describe('ignoreError', () => {
  test('completes the job from 8.9 on, without the result headers', async () => {
    const headers = { resultVariable: 'v' }
    expect(await run('ignoreError({foo: "bar"})', { headers })).toEqual({
      kind: 'completed',
      variables: '{"foo":"bar"}',
    })
    expect(await run('ignoreError()', { headers })).toEqual({ kind: 'completed', variables: '{}' })
  })

  test('does not exist before 8.9', async () => {
    expect(await run('ignoreError()', { line: '8.8' })).toMatchObject({ kind: 'failed', retries: 2 })
    const raw = await run('{errorType: "ignoreError"}', { line: '8.8' })
    expect(errorOf(raw).message).toContain("as 'io.camunda.connector.runtime.core.error.ConnectorError'.")
  })
})

describe('an error expression that fails', () => {
  test.each<[string, Compatibility, string]>([
    ['="oops"', '8.8', `Cannot parse '"oops"' as 'java.util.Map'.`],
    ['="oops"', '8.9', `Error expression must return a JSON object, but got string. Evaluated value: "oops"`],
    ['=[1]', '8.9', 'Error expression must return a JSON object, but got array. Evaluated value: [1]'],
    [
      '={errorType: "other"}',
      '8.9',
      `Cannot parse '{"errorType":"other"}' as 'io.camunda.connector.runtime.core.error.ConnectorError'.`,
    ],
    ['={a: 1}', '8.9', `Cannot parse '{"a":1}' as 'io.camunda.connector.runtime.core.error.ConnectorError'.`],
    [
      '={errorType: "jobError", errorMessage: "m", retries: "many"}',
      '8.9',
      "as 'io.camunda.connector.runtime.core.error.ConnectorError'.",
    ],
    [
      '=bpmnError("C", "m", {f: {"camunda.function.type": "base64"}})',
      '8.9',
      "The connector result contains a forbidden literal 'camunda.function.type'.",
    ],
  ])('%s on %s fails the job for good', async (expression, line, reason) => {
    for (const of of [failure, response]) {
      const outcome = await run(expression, { line, of })
      expect(outcome).toMatchObject({ kind: 'failed', retries: 0, retryBackoffMs: 0 })
      expect(errorOf(outcome).type).toBe(INPUT)
      expect(errorOf(outcome).message).toContain(reason)
    }
  })

  test('shows what it was evaluated with from 8.9 on', async () => {
    expect(errorOf(await run('=if (')).message).toContain(
      "in context '[{error={message=exception message, type=java.lang.RuntimeException}}, {response={error={message=exception message, type=java.lang.RuntimeException}}}, ErrorExpressionJobContext[job=ErrorExpressionJob[retries=3]]]'. Reason: failed to parse expression 'if ('",
    )
    expect(errorOf(await run('=if (', { line: '8.8' })).message).toContain("'[Ljava.lang.Object;@")
  })

  test('gives more than 1.5 MB', async () => {
    const large = 'string join(for i in 1..160000 return "0123456789")'
    const outcome = await run(`ignoreError({v: ${large}})`)
    expect(outcome).toMatchObject({ kind: 'failed', retries: 0, retryBackoffMs: 0 })
    expect(errorOf(outcome).message).toContain('exceeds the 1.5 MB safe variable size limit')
  })
})
