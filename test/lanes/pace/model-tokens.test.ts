import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_RATIO, estimateInputTokens, learnedRatio } from '../../../src/lanes/pace/input-estimate.ts'
import {
  burndownOf,
  defaultMaxTokens,
  reservation,
  settledTokens,
} from '../../../src/lanes/pace/model-tokens.ts'

describe('the burndown rate', () => {
  it.each([
    ['anthropic.claude-opus-4-8', 15],
    ['global.anthropic.claude-opus-5-5', 10],
    ['eu.anthropic.claude-sonnet-5', 10],
    ['anthropic.claude-fable-5-1', 10],
    [
      'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
      5,
    ],
    ['anthropic.claude-3-7-sonnet-20250219-v1:0', 5],
    ['us.openai.gpt-5.6-sol', 10],
    ['openai.gpt-oss-120b-1:0', 1],
    ['amazon.nova-pro-v1:0', 1],
    ['arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc', 1],
  ])('of %s is %d', (model, rate) => {
    expect(burndownOf(model)).toBe(rate)
  })

  it('gives AWS’s result for AWS’s example', () => {
    const usage = { input: 3_000, cacheRead: 4_000, cacheWrite: 1_000, output: 1_000 }
    const burndown = burndownOf('anthropic.claude-sonnet-4-20250514-v1:0')
    expect(settledTokens(usage, burndown)).toBe(9_000)
    expect(reservation(usage.input + usage.cacheWrite, 32_000)).toBe(36_000)
  })
})

describe('the default limit of output tokens', () => {
  it.each([
    ['anthropic.claude-3-haiku-20240307-v1:0', 4_096],
    ['us.anthropic.claude-3-7-sonnet-20250219-v1:0', 64_000],
    ['anthropic.claude-opus-4-1-20250805-v1:0', 32_000],
    ['anthropic.claude-haiku-4-5-20251001-v1:0', 64_000],
    ['anthropic.claude-opus-4-6-v1', 128_000],
    ['global.anthropic.claude-sonnet-5-5', 128_000],
    ['amazon.titan-embed-text-v2:0', 0],
    ['a-model-of-tomorrow', 4_096],
  ])('of %s is %d', (model, most) => {
    expect(defaultMaxTokens(model)).toBe(most)
  })
})

const size = fc.record({ characters: fc.nat(1e7), images: fc.nat(20), documentBytes: fc.nat(1e7) })

describe('the estimate of input tokens', () => {
  it('starts at 3.5 characters a token', () => {
    expect(estimateInputTokens({ characters: 3_500, images: 0, documentBytes: 0 })).toBe(1_000)
  })

  it('is a whole number between 0.1 and 2 tokens a character, whatever was learned', () => {
    fc.assert(
      fc.property(fc.nat(1e7), fc.double(), (characters, ratio) => {
        const tokens = estimateInputTokens({ characters, images: 0, documentBytes: 0 }, ratio)
        expect(Number.isInteger(tokens)).toBe(true)
        expect(tokens).toBeGreaterThanOrEqual(characters * 0.1)
        expect(tokens).toBeLessThanOrEqual(Math.ceil(characters * 2))
      }),
    )
  })

  it('approaches the real ratio of a lane’s calls', () => {
    fc.assert(
      fc.property(size, fc.double({ min: 0.11, max: 1.9, noNaN: true }), (of, real) => {
        fc.pre(of.characters > 10_000)
        const tokens = Math.round(estimateInputTokens(of, 1) * real)
        let ratio = DEFAULT_RATIO
        for (let call = 0; call < 60; call += 1) ratio = learnedRatio(ratio, of, tokens)
        expect(Math.abs(estimateInputTokens(of, ratio) / tokens - 1)).toBeLessThan(0.01)
      }),
    )
  })

  it('learns nothing from a call without input or tokens', () => {
    const nothing = { characters: 0, images: 0, documentBytes: 0 }
    expect(learnedRatio(0.5, nothing, 10)).toBe(0.5)
    expect(learnedRatio(0.5, { ...nothing, characters: 10 }, 0)).toBe(0.5)
  })
})
