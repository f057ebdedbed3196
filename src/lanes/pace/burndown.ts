// How AWS counts a call's tokens against its model's quota: reserved at the start, settled at the end. Output tokens of some models count
// several times. Pure; the rates are data.
import type { TokenUsage } from '../../job/token-usage.ts'
import { matches } from '../../rules/pattern.ts'

interface BurndownRate {
  /** Pattern of the model id, inference profile id or ARN. */
  readonly model: string
  /** Tokens of quota for one output token. */
  readonly rate: number
}

/** Rates of `bedrock-runtime`: the first matching pattern, or 1. */
export const BURNDOWN: {
  readonly date: string
  readonly source: string
  readonly rates: readonly BurndownRate[]
} = {
  date: '2026-11-26',
  source: 'https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html',
  rates: [
    { model: '*anthropic.claude-*-4-8*', rate: 15 },
    // The page names Opus 5, Opus 5.5, Sonnet 5 and Fable 5.1. Assume the same for their siblings: a rate that is too low causes
    // throttles, one that is too high corrects itself.
    { model: '*anthropic.claude-opus-5*', rate: 10 },
    { model: '*anthropic.claude-sonnet-5*', rate: 10 },
    { model: '*anthropic.claude-haiku-5*', rate: 10 },
    { model: '*anthropic.claude-fable-5*', rate: 10 },
    // "All other Anthropic models version 4.7 and below". Before 2026 the page named them from 3.7 on only.
    { model: '*anthropic.claude-*', rate: 5 },
    { model: '*openai.gpt-5.6*', rate: 10 },
  ],
}

/** Tokens of quota per output token of a model; 1 for unlisted models. */
export function burndownOf(model: string): number {
  return BURNDOWN.rates.find((entry) => matches(entry.model, model))?.rate ?? 1
}

/**
 * Tokens that AWS takes from the quota when a call starts, before the burndown rate applies.
 * @param inputEstimate tokens
 * @param maxTokens limit of the call's output tokens
 */
export function reservation(inputEstimate: number, maxTokens: number): number {
  return inputEstimate + maxTokens
}

/**
 * Tokens of quota that an ended call cost. Tokens read from a cache are free. The result can exceed the reservation; the difference is a
 * debt.
 * @param burndown from {@link burndownOf}
 */
export function settledTokens({ input, output, cacheWrite }: TokenUsage, burndown: number): number {
  return input + cacheWrite + output * burndown
}
