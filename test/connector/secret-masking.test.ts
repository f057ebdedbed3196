import { describe, expect, test } from 'vitest'
import { javaError } from '../../src/connector/connector-error.ts'
import { executionOutcome } from '../../src/connector/execution-outcome.ts'
import { failureOutcome } from '../../src/connector/failure-outcome.ts'
import {
  makeMask,
  maskCallFailure,
  maskJson,
  maskOutcome,
  maskThrown,
} from '../../src/connector/secret-masking.ts'
import { evaluate } from '../../src/feel/evaluate.ts'
import { type JsonObject, parseJson, stringifyJson } from '../../src/job/json.ts'

const maskOf = (...values: string[]) => makeMask(values.map((value) => ({ name: 'N', value })))

describe('a masked text', () => {
  test('has *** in place of each occurrence of each value', () => {
    expect(maskOf('barn', 'food')('barn, food and foodbarn')).toBe('***, *** and ******')
  })

  test('shows no remainder of a value that is the prefix of another', () => {
    expect(maskOf('xSUP', 'xSUPERSECRET')('xSUPERSECRET')).toBe('***')
  })

  test('shows no remainder of overlapping values', () => {
    expect(maskOf('abcdef', 'defghi')('x abcdefghi abcdefabcdef x')).toBe('x *** ****** x')
    expect(maskOf('cdef', 'abcdefgh')('abcdefgh cdef')).toBe('*** ***')
  })

  test('is free of values as JSON writes them', () => {
    expect(maskOf('he said "hi"')('{"a":"he said \\"hi\\""}')).toBe('{"a":"***"}')
    const twice = JSON.stringify({ a: JSON.stringify({ b: 'he said "hi"' }) })
    expect(maskOf('he said "hi"')(twice)).toBe(JSON.stringify({ a: JSON.stringify({ b: '***' }) }))
  })

  test('ignores empty values and those under four characters, which occur by chance', () => {
    expect(maskOf('y', 'ry', 'cry')('encrypt, try, cry')).toBe('encrypt, try, cry')
    expect(maskOf('"a"')('{"x":"\\"a\\""}')).toBe('{"x":"\\"a\\""}')
    expect(maskOf('cryp')('encrypt')).toBe('en***t')
    expect(maskOf('')('text')).toBe('text')
    expect(maskOf()('text')).toBe('text')
  })

  test('treats a value neither as a pattern nor as a replacement', () => {
    expect(maskOf('a.cd', '$&$&')('abcd a.cd $&$&')).toBe('abcd *** ***')
  })
})

test('in JSON, texts and property names are masked; numbers and booleans are not', () => {
  const value = parseJson('{"s3cret":["a s3cret",42,true,null,{"x":"s3cret"}],"n":12345678901234567890}')
  expect(stringifyJson(maskJson(value, maskOf('s3cret', '12345678')))).toBe(
    '{"***":["a ***",42,true,null,{"x":"***"}],"n":12345678901234567890}',
  )
})

describe('a failure', () => {
  const context = {
    retries: 3,
    compatibility: '8.9',
    mask: maskOf('barn'),
    evaluate: async (expression: string, variables: JsonObject) => evaluate(expression, variables, '8.9'),
  } as const
  const failure = { ok: false, error: javaError('X', 'Crazy error with barn') } as const

  test('is masked before anything is derived from it', async () => {
    const { outcome } = await executionOutcome(failure, { ...context, headers: {} })
    expect(outcome).toMatchObject({
      errorMessage: 'Crazy error with *** | Error variables: {error={message=Crazy error with ***, type=X}}',
      variables: '{"error":{"message":"Crazy error with ***","type":"X"}}',
    })
  })

  test('is masked before its message is cut: no prefix of a value is left', async () => {
    const response = `${'x'.repeat(1_990)}SUPERSECRETVALUE`
    const headers = { resultExpression: '=if (' }
    const secret = { ...context, headers, mask: maskOf('SUPERSECRETVALUE') }
    const { outcome } = await executionOutcome({ ok: true, response }, secret)
    expect(outcome.kind === 'failed' && outcome.errorMessage).toMatch(/x\*\*\*/)
    expect(JSON.stringify(outcome)).not.toContain('SUPER')
  })

  test.each(['bpmnError("X", response.body)', 'jobError(response.body)'])(
    'made of an answer is masked before its message is cut: %s',
    async (errorExpression) => {
      const response = { body: `${'x'.repeat(5_990)}SUPERSECRETVALUE` }
      const secret = { ...context, headers: { errorExpression }, mask: maskOf('SUPERSECRETVALUE') }
      const { outcome } = await executionOutcome({ ok: true, response }, secret)
      expect(outcome.kind !== 'completed' && outcome.errorMessage).toMatch(/^x{5990}\*\*\*/)
      expect(outcome.kind !== 'completed' && outcome.errorMessage.length).toBeLessThanOrEqual(6_000)
      expect(JSON.stringify(outcome)).not.toContain('SUPER')
    },
  )

  test('is masked before an error expression sees it, and so is the expression’s result', async () => {
    const headers = {
      errorExpression: 'bpmnError("barn", error.message + " ba" + "rn", {barn: ["barn", 1]})',
    }
    const { outcome } = await executionOutcome(failure, { ...context, headers })
    expect(outcome).toMatchObject({
      errorCode: 'barn',
      errorMessage: 'Crazy error with *** ***',
      variables: '{"***":["***",1]}',
    })
  })

  test('can set its own time for the retry, in place of the header', () => {
    const context = { retries: 3, headers: { retryBackoff: 'PT1M' }, compatibility: '8.9' } as const
    expect(failureOutcome({ ...javaError('X', 'm'), retryBackoffMs: 5_000 }, context).retryBackoffMs).toBe(
      5_000,
    )
    expect(failureOutcome(javaError('X', 'm'), context).retryBackoffMs).toBe(60_000)
  })

  test('keeps the code and the type of its error: diagrams catch errors by them', () => {
    const variables = {
      error: { type: 'java.barn', code: 'barn', message: 'barn', barn: { barn: ['barn'] } },
      barn: 1,
    }
    const told = maskOutcome(
      {
        kind: 'failed',
        retries: 0,
        retryBackoffMs: 0,
        errorMessage: 'barn',
        variables: JSON.stringify(variables),
      },
      maskOf('barn'),
    )
    expect(told).toMatchObject({ errorMessage: '***' })
    expect(JSON.parse(told.variables)).toEqual({
      error: { type: 'java.barn', code: 'barn', message: '***', '***': { '***': ['***'] } },
      '***': 1,
    })
  })

  test('that is a BPMN error is masked except for its code', () => {
    const error = {
      kind: 'bpmnError',
      errorCode: 'barn',
      errorMessage: 'a barn',
      variables: '{"a":"barn"}',
    } as const
    expect(maskOutcome(error, maskOf('barn'))).toEqual({
      ...error,
      errorMessage: 'a ***',
      variables: '{"a":"***"}',
    })
  })

  test('of a call has its message masked, but not its code', () => {
    const failure = { name: 'barn', message: 'no barn', status: 400, requestId: 'r' }
    expect(maskCallFailure(failure, maskOf('barn'))).toEqual({ ...failure, message: 'no ***' })
  })

  test('inside Quarry is masked for the log, its stack included', () => {
    const thrown = maskThrown(new TypeError('bad barn'), maskOf('barn'))
    expect(thrown).toBeInstanceOf(Error)
    expect(thrown).toMatchObject({ name: 'TypeError', message: 'bad ***' })
    expect((thrown as Error).stack).not.toContain('barn')
  })
})

test('a result is not masked: it belongs to the diagram', () => {
  const outcome = { kind: 'completed', variables: '{"a":"barn"}' } as const
  expect(maskOutcome(outcome, maskOf('barn'))).toBe(outcome)
})
