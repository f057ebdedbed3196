// How AWS counts the tokens of a call against the quota of its model: reserved at the start, settled at the end, where
// some models' output tokens count several times. Pure; the rates are data.
import type { TokenUsage } from '../../job/token-usage.ts'
import { matches } from '../../rules/pattern.ts'

interface BurndownRate {
  /** Pattern of the model id, inference profile id or ARN. */
  readonly model: string
  /** Tokens of quota for one output token. */
  readonly rate: number
}

/** The rates of `bedrock-runtime`; the first pattern that fits counts, 1 where none does. */
export const BURNDOWN: {
  readonly date: string
  readonly source: string
  readonly rates: readonly BurndownRate[]
} = {
  date: '2026-11-26',
  source: 'https://docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html',
  rates: [
    { model: '*anthropic.claude-*-4-8*', rate: 15 },
    // The page names Opus 5, Opus 5.5, Sonnet 5 and Fable 5.1. Their siblings, which it does not, are taken to be like
    // them: a rate that is too low is answered with throttles, one that is too high settles itself.
    { model: '*anthropic.claude-opus-5*', rate: 10 },
    { model: '*anthropic.claude-sonnet-5*', rate: 10 },
    { model: '*anthropic.claude-haiku-5*', rate: 10 },
    { model: '*anthropic.claude-fable-5*', rate: 10 },
    // "All other Anthropic models version 4.7 and below". Before 2026 the page named them from 3.7 on only.
    { model: '*anthropic.claude-*', rate: 5 },
    { model: '*openai.gpt-5.6*', rate: 10 },
  ],
}

/** Tokens of quota that one output token of a model costs, 1 for models that the data does not name. */
export function burndownOf(model: string): number {
  return BURNDOWN.rates.find((entry) => matches(entry.model, model))?.rate ?? 1
}

/**
 * Tokens that AWS takes from the quota when a call starts. The burndown rate does not count yet.
 * @param inputEstimate tokens
 * @param maxTokens the most output tokens that the call allows
 */
export function reservation(inputEstimate: number, maxTokens: number): number {
  return inputEstimate + maxTokens
}

/**
 * Tokens of quota that a call has cost when it ends. What was read from a cache is free. It can be more than was
 * reserved: the difference is a debt.
 * @param burndown as {@link burndownOf} gives it
 */
export function settledTokens({ input, output, cacheWrite }: TokenUsage, burndown: number): number {
  return input + cacheWrite + output * burndown
}
