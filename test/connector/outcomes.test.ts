import { describe, expect, test, vi } from 'vitest'
import { inputError, javaError } from '../../src/connector/connector-error.ts'
import { examineErrorExpression } from '../../src/connector/error-expression.ts'
import { executionOutcome } from '../../src/connector/execution-outcome.ts'
import { failureOutcome } from '../../src/connector/failure-outcome.ts'
import { checkHeaders, jobTimeoutMs, retryBackoffMs } from '../../src/connector/headers.ts'
import { evaluate } from '../../src/feel/evaluate.ts'
import type { JsonObject } from '../../src/job/json.ts'
import type { Headers } from '../../src/job/task-headers.ts'

describe('task headers', () => {
  test.each(['', 'PT0S', 'PT1M', 'P1D', 'PT-5S', 'pt5m'])('retryBackoff %j is fine', (retryBackoff) => {
    expect(checkHeaders({ retryBackoff }, '8.8')).toBeNull()
  })

  test.each(['5 seconds', 'P1W', '60', ' '])('retryBackoff %j ends the job before a call', (retryBackoff) => {
    const error = checkHeaders({ retryBackoff }, '8.8')
    expect(error).toEqual({
      type: 'io.camunda.connector.runtime.core.error.InvalidBackOffDurationException',
      message: `Failed to parse retry backoff header. Expected ISO-8601 duration, e.g. PT5M, got: ${retryBackoff}`,
      input: true,
      retryBackoffMs: 0,
    })
  })

  test('with one invalid header send no backoff, not even a valid one', () => {
    const headers = { jobTimeout: 'soon', retryBackoff: 'PT1M' }
    const error = checkHeaders(headers, '8.10') ?? inputError('none')
    expect(failureOutcome(error, { retries: 3, headers, compatibility: '8.10' })).toMatchObject({
      retries: 0,
      retryBackoffMs: 0,
    })
  })

  test.each([
    ['PT10M', null],
    [' ', null],
    [
      '10 minutes',
      'Failed to parse job timeout header. Expected ISO-8601 duration, e.g. PT10M, got: 10 minutes',
    ],
    ['PT0S', 'Job timeout must be a positive duration, got: PT0S'],
    ['PT-1S', 'Job timeout must be a positive duration, got: PT-1S'],
  ])('jobTimeout %j gives the message: %s', (jobTimeout, message) => {
    expect(checkHeaders({ jobTimeout }, '8.9')?.message ?? null).toBe(message)
    expect(checkHeaders({ jobTimeout }, '8.8')).toBeNull()
  })

  test('read jobTimeout since 8.9, and only if it is valid', () => {
    expect(jobTimeoutMs({ jobTimeout: 'PT10M' }, '8.10')).toBe(600_000)
    expect(jobTimeoutMs({ jobTimeout: 'PT10M' }, '8.9')).toBe(600_000)
    expect(jobTimeoutMs({ jobTimeout: 'PT10M' }, '8.8')).toBeNull()
    for (const jobTimeout of ['', ' ', '10 minutes', 'PT0S', 'PT-1S']) {
      expect(jobTimeoutMs({ jobTimeout }, '8.10')).toBeNull()
    }
    expect(jobTimeoutMs({}, '8.10')).toBeNull()
  })

  test('pass a negative backoff on', () => {
    expect(retryBackoffMs({ retryBackoff: 'PT-5S' })).toBe(-5000)
    expect(retryBackoffMs({ retryBackoff: 'nonsense' })).toBe(0)
    expect(retryBackoffMs({})).toBe(0)
  })
})

describe('a failure', () => {
  const headers: Headers = { retryBackoff: 'PT1M' }
  const failed = (retries: number, error = javaError('X', 'm'), line = '8.8' as '8.8' | '8.9'): unknown =>
    failureOutcome(error, { retries, headers, compatibility: line })

  test('uses up one retry, never below zero', () => {
    expect(failed(3)).toMatchObject({ retries: 2, retryBackoffMs: 60_000 })
    expect(failed(0)).toMatchObject({ retries: 0 })
  })

  test('of the input takes all retries', () => {
    expect(failed(3, inputError('bad'))).toMatchObject({ retries: 0, retryBackoffMs: 60_000 })
  })

  test('gives the diagram its message and type', () => {
    expect(failed(1)).toMatchObject({ errorMessage: 'm', variables: '{"error":{"message":"m","type":"X"}}' })
  })

  test('shows its variables in the message from 8.9 on', () => {
    expect(failed(1, javaError('X', 'm'), '8.9')).toMatchObject({
      errorMessage: 'm | Error variables: {error={message=m, type=X}}',
    })
  })

  test('has at most 6000 characters of message', () => {
    const long = 'x'.repeat(8400)
    expect(failed(1, javaError('X', long), '8.9')).toEqual({
      kind: 'failed',
      retries: 0,
      retryBackoffMs: 60_000,
      errorMessage: 'x'.repeat(6000),
      variables: JSON.stringify({ error: { message: 'x'.repeat(6000), type: 'X' } }),
    })
  })
})

describe('an execution', () => {
  const context = {
    retries: 2,
    compatibility: '8.8',
    evaluate: async (expression: string, variables: JsonObject) => evaluate(expression, variables),
    headers: { resultExpression: '={a: body}' },
    mask: (text: string) => text,
  } as const

  test('with a response completes the job', async () => {
    const { outcome } = await executionOutcome({ ok: true, response: { body: 'x' } }, context)
    expect(outcome).toEqual({ kind: 'completed', variables: '{"a":"x"}' })
  })

  test('with a failure, or a response that cannot be mapped, fails it', async () => {
    expect(await executionOutcome({ ok: false, error: javaError('X', 'm') }, context)).toMatchObject({
      outcome: { retries: 1 },
      errorType: 'X',
    })
    const headers = { resultExpression: '=1' }
    expect(await executionOutcome({ ok: true, response: null }, { ...context, headers })).toMatchObject({
      outcome: { retries: 0 },
    })
  })

  test.each([
    ['its result variable', { resultVariable: 'a' }],
    ['its result expression', { resultExpression: '={a: body}' }],
  ])('serialises a response once, for %s', async (_for, headers) => {
    const response = { body: 'response '.repeat(100) }
    // Without those of the expression's engine, which is a process of its own.
    const answer = { ok: true, value: { a: response.body } } as const
    const stringify = vi.spyOn(JSON, 'stringify')
    const { outcome } = await executionOutcome(
      { ok: true, response },
      { ...context, headers, compatibility: '8.9', evaluate: async () => answer },
    )
    const written = stringify.mock.results.filter(({ value }) => String(value).includes(response.body))
    stringify.mockRestore()
    expect(outcome.kind).toBe('completed')
    expect(written).toHaveLength(1)
  })

  test('prints a response as Java does for an error message alone', async () => {
    const text = vi.fn(() => 'what Java prints')
    const examined = { response: null, text, retries: 1 }
    const engine = { ...context, compatibility: '8.9' } as const
    expect(await examineErrorExpression('=null', examined, engine)).toMatchObject({ ok: true })
    expect(text).not.toHaveBeenCalled()
    expect(await examineErrorExpression('={', examined, engine)).toMatchObject({ ok: false })
    expect(text).toHaveBeenCalledOnce()
  })
})
