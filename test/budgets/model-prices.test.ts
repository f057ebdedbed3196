import { describe, expect, it } from 'vitest'
import { costUsd, MODEL_PRICES, makePrices } from '../../src/budgets/model-prices.ts'
import { NO_USAGE } from '../../src/job/token-usage.ts'

const prices = makePrices()
const MILLION = 1_000_000

describe('the price of a model', () => {
  it.each([
    ['eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 3, 15],
    ['anthropic.claude-sonnet-4-20250514-v1:0', 3, 15],
    ['anthropic.claude-3-5-haiku-20241022-v1:0', 0.8, 4],
    ['anthropic.claude-3-haiku-20240307-v1:0', 0.25, 1.25],
    ['global.anthropic.claude-opus-5-5', 4, 20],
    ['global.anthropic.claude-opus-5', 5, 25],
    ['arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0', 0.06, 0.24],
  ])('%s is that of its pattern', (model, input, output) => {
    expect(prices(model)).toMatchObject({ input, output })
  })

  it('is unknown for unlisted models and for a profile that hides its model', () => {
    expect(prices('a-model-of-tomorrow')).toBeNull()
    expect(prices('arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc')).toBeNull()
    expect(prices('a-model-of-tomorrow')).toBeNull()
  })

  it('is the operator’s, if there is one', () => {
    const own = makePrices([{ model: '*nova*', input: 1, output: 2 }])
    expect(own('amazon.nova-lite-v1:0')).toEqual({ model: '*nova*', input: 1, output: 2 })
    expect(own('anthropic.claude-opus-5')).toMatchObject({ input: 5 })
  })

  it('is above zero, and an output token costs no less than an input token', () => {
    for (const { input, output, cacheRead = input } of MODEL_PRICES.prices) {
      expect(input).toBeGreaterThan(0)
      expect(output).toBeGreaterThanOrEqual(input)
      expect(cacheRead).toBeLessThanOrEqual(input)
    }
  })

  it('is that of the narrower of two patterns, in any order', () => {
    for (const { model } of MODEL_PRICES.prices) {
      expect(prices(model.replaceAll('*', ''))?.model).toBe(model)
    }
  })
})

describe('the cost of a call', () => {
  const price = { model: '*', input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 }

  it('is the sum of what its kinds of tokens cost', () => {
    const usage = { input: MILLION, output: MILLION, cacheRead: MILLION, cacheWrite: MILLION }
    expect(costUsd(usage, price)).toBeCloseTo(22.05, 10)
  })

  it('counts cached tokens as input if the cache has no price', () => {
    const usage = { ...NO_USAGE, cacheRead: MILLION, cacheWrite: MILLION }
    expect(costUsd(usage, { model: '*', input: 3, output: 15 })).toBeCloseTo(6, 10)
  })
})
