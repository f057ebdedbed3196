import { describe, expect, it } from 'vitest'
import { bodySize, converseSize } from '../../src/connector/call-size.ts'
import { inputError } from '../../src/connector/connector-error.ts'
import type { CallAnswer } from '../../src/execute/bedrock-caller.ts'
import { billedUsage, makeCallTokens } from '../../src/execute/call-tokens.ts'
import type { CallFailure } from '../../src/job/call-failure.ts'
import { NO_USAGE } from '../../src/job/token-usage.ts'

const tokens = makeCallTokens(() => 'amazon.nova-pro-v1:0')
const converse = (maxTokens: number | null) => ({ size: converseSize({}, maxTokens) })

it('the estimate of output tokens is the task’s limit, at most the model’s maximum', () => {
  const most = [-1, 0, 512, 1_000_000, 1_000_001, 2 ** 31 - 1, -(2 ** 31)].map(
    (maxTokens) => tokens.measure(converse(maxTokens)).estimate.maxTokens,
  )
  expect(most).toEqual([0, 0, 512, 1_000_000, 1_000_000, 1_000_000, 0])
})

it('the reserved tokens are never negative, and include the model’s maximum if the task names none', () => {
  expect(tokens.measure(converse(-(2 ** 31))).reserve).toBeGreaterThanOrEqual(0)
  expect(tokens.measure(converse(null)).estimate.maxTokens).toBeGreaterThan(0)
})

it('the limit in an InvokeModel body is read in the same way', () => {
  const invoke = (limit: number) => ({ size: bodySize({ max_tokens: limit }) })
  expect(tokens.measure(invoke(1e30)).estimate.maxTokens).toBe(1_000_000)
  expect(tokens.measure(invoke(-5)).estimate.maxTokens).toBeGreaterThan(0)
})

const ESTIMATE = { inputTokens: 1_000, maxTokens: 50 }
const told = { ...NO_USAGE, input: 7, output: 3 }
const failed = (failure: Partial<CallFailure>): CallAnswer => ({
  kind: 'failure',
  failure: { name: 'Error', message: '', ...failure },
})

describe('the tokens that a call counts to budgets', () => {
  it.each<[string, CallAnswer, number, number]>([
    ['what its answer tells', { kind: 'response', response: null, usage: told }, 7, 3],
    [
      'that of an answer that no connector can use',
      { kind: 'unusable', error: inputError(''), usage: told },
      7,
      3,
    ],
    [
      'its input, where an answer tells nothing',
      { kind: 'response', response: null, usage: NO_USAGE },
      1_000,
      0,
    ],
    [
      'its input, when it took too long',
      failed({ name: 'TimeoutError', timedOutAfterMs: 1_000, network: 'timeout' }),
      1_000,
      0,
    ],
    ['its input, when it was cut', failed({ name: 'AbortError', network: 'other' }), 1_000, 0],
    ['its input, when the connection broke', failed({ network: 'reset' }), 1_000, 0],
    [
      'its input and what was read, when the answer is none',
      failed({ status: 200, unreadable: true, body: 'x'.repeat(70) }),
      1_000,
      20,
    ],
    [
      'at most what it may have written',
      failed({ status: 200, unreadable: true, body: 'x'.repeat(7_000) }),
      1_000,
      50,
    ],
    ['nothing, when AWS refused it', failed({ status: 400, name: 'ValidationException' }), 0, 0],
    ['nothing, when AWS throttled it', failed({ status: 429, name: 'ThrottlingException' }), 0, 0],
    ['nothing, when AWS failed', failed({ status: 500 }), 0, 0],
    ['nothing, when no connection was made', failed({ network: 'timeout', connect: 'tcp' }), 0, 0],
    ['nothing, when nobody was there', failed({ network: 'refused' }), 0, 0],
    ['nothing, without credentials', failed({ noCredentials: true }), 0, 0],
    ['nothing, when AWS did not begin it', failed({ network: 'reset', unprocessed: true }), 0, 0],
    [
      'nothing, when it was cut before it was sent',
      failed({ name: 'AbortError', beforeSending: true }),
      0,
      0,
    ],
  ])('%s', (_, answer, input, output) => {
    expect(billedUsage(answer, ESTIMATE)).toEqual({ ...NO_USAGE, input, output })
  })
})
