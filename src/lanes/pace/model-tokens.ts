// How AWS counts a call's tokens against its model's quota: it reserves the output that the call may have (the model's maximum where the call
// names none), and settles by what it was. Output tokens of some models count several times. Pure; the rates and maxima are data.
import type { TokenUsage } from '../../job/token-usage.ts'
import { matches } from '../../rules/pattern.ts'

interface BurndownRate {
  /** Pattern of the model id, inference profile id or ARN. */
  readonly model: string
  /** Tokens of quota for one output token. */
  readonly rate: number
}

/** Rates of `bedrock-runtime`: the first matching pattern, or 1. */
const BURNDOWN: {
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

interface OutputLimit {
  /** Pattern of the model id, inference profile id or ARN. */
  readonly model: string
  /** Tokens. */
  readonly most: number
}

/** Maximum output tokens of models: the first matching pattern. */
const OUTPUT_LIMITS: {
  readonly date: string
  readonly sources: readonly string[]
  readonly limits: readonly OutputLimit[]
} = {
  date: '2026-11-26',
  sources: [
    'https://platform.claude.com/docs/en/about-claude/models/overview',
    'https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html',
  ],
  limits: [
    { model: '*embed*', most: 0 },
    { model: '*rerank*', most: 0 },
    { model: '*anthropic.claude-3-7-*', most: 64_000 },
    { model: '*anthropic.claude-3-5-*', most: 8_192 },
    { model: '*anthropic.claude-3-*', most: 4_096 },
    { model: '*anthropic.claude-opus-4-1-*', most: 32_000 },
    { model: '*anthropic.claude-opus-4-2025*', most: 32_000 },
    { model: '*anthropic.claude-sonnet-4-2025*', most: 64_000 },
    { model: '*anthropic.claude-*-4-5-*', most: 64_000 },
    { model: '*anthropic.claude-*-4-*', most: 128_000 },
    { model: '*anthropic.claude-*-5*', most: 128_000 },
    { model: '*amazon.nova-2-*', most: 64_000 },
    { model: '*amazon.nova-*', most: 10_000 },
    { model: '*amazon.titan-text-express*', most: 8_192 },
    { model: '*amazon.titan-text-premier*', most: 3_072 },
    { model: '*meta.llama3*', most: 2_048 },
  ],
}

const OTHERWISE = 4_096

/**
 * Maximum output tokens of a call that sets no limit; 4,096 for unlisted models.
 * Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html
 */
export function defaultMaxTokens(model: string): number {
  return OUTPUT_LIMITS.limits.find((entry) => matches(entry.model, model))?.most ?? OTHERWISE
}
