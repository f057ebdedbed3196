import { expect, it } from 'vitest'
import { bodySize, converseSize } from '../../src/connector/call-size.ts'
import { makeCallTokens } from '../../src/execute/call-tokens.ts'

const tokens = makeCallTokens(() => 'amazon.nova-pro-v1:0')
const converse = (maxTokens: number | null) => ({ size: converseSize({ prompt: [], maxTokens }) })

it('estimates the output that a task allows, within what a model can give', () => {
  const most = [-1, 0, 512, 1_000_000, 1_000_001, 2 ** 31 - 1, -(2 ** 31)].map(
    (maxTokens) => tokens.measure(converse(maxTokens)).estimate.maxTokens,
  )
  expect(most).toEqual([0, 0, 512, 1_000_000, 1_000_000, 1_000_000, 0])
})

it('reserves nothing negative of the quota, and the maximum of the model where the task names none', () => {
  expect(tokens.measure(converse(-(2 ** 31))).reserve).toBeGreaterThanOrEqual(0)
  expect(tokens.measure(converse(null)).estimate.maxTokens).toBeGreaterThan(0)
})

it('reads a body in the same way', () => {
  const invoke = (limit: number) => ({ size: bodySize({ max_tokens: limit }) })
  expect(tokens.measure(invoke(1e30)).estimate.maxTokens).toBe(1_000_000)
  expect(tokens.measure(invoke(-5)).estimate.maxTokens).toBeGreaterThan(0)
})
