import { expect, it } from 'vitest'
import { bodySize, converseSize } from '../../src/connector/call-size.ts'
import { makeCallTokens } from '../../src/execute/call-tokens.ts'

const tokens = makeCallTokens(() => 'amazon.nova-pro-v1:0')
const converse = (maxTokens: number | null) => ({ size: converseSize({ prompt: [], maxTokens }) })

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
