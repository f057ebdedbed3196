// Prices of tokens: on-demand list prices in US dollars for a million tokens. Pure.
// They are approximate on purpose: differences between regions are ignored (AWS takes 10 % more for a regional or
// geographic profile of newer Claude models than for a global one, whose price stands here), as are tiers, batches, long
// prompts, the one-hour cache and what was agreed with AWS. What AWS bills is in its Cost Explorer.
import type { TokenUsage } from '../job/token-usage.ts'
import { matches } from '../rules/pattern.ts'

/** The price of models that match a pattern, in US dollars for a million tokens. */
export interface ModelPrice {
  /** Pattern of the model id, inference profile id or ARN; `*` stands for any characters. */
  readonly model: string
  readonly input: number
  readonly output: number
  /** Input tokens read from a prompt cache. @default input */
  readonly cacheRead?: number | undefined
  /** Input tokens written to a prompt cache. @default input */
  readonly cacheWrite?: number | undefined
}

/** Prices of Claude: reading from the cache costs a tenth of the input unless said, writing to it a quarter more. */
function claude(model: string, input: number, output: number, cacheRead = input / 10): ModelPrice {
  return { model: `*anthropic.claude-${model}*`, input, output, cacheRead, cacheWrite: input * 1.25 }
}

function price(model: string, input: number, output: number, cacheRead?: number): ModelPrice {
  return { model: `*${model}*`, input, output, ...(cacheRead === undefined ? {} : { cacheRead }) }
}

/** The first matching pattern counts. Models without a known price are absent. */
export const MODEL_PRICES: {
  readonly date: string
  readonly sources: readonly string[]
  readonly prices: readonly ModelPrice[]
} = {
  date: '2026-11-26',
  sources: [
    'https://aws.amazon.com/bedrock/pricing/',
    'https://platform.claude.com/docs/en/about-claude/pricing',
  ],
  prices: [
    claude('fable-5-1', 10, 50, 0.25),
    claude('fable-5', 10, 50),
    claude('opus-5-5', 4, 20, 0.2),
    claude('opus-5', 5, 25),
    claude('opus-4-5', 5, 25),
    claude('opus-4-6', 5, 25),
    claude('opus-4-7', 5, 25),
    claude('opus-4-8', 5, 25),
    claude('opus-4-1', 15, 75),
    claude('opus-4-2025', 15, 75),
    claude('sonnet-5-5', 2, 10, 0.1),
    claude('sonnet-5', 2, 10),
    claude('sonnet-4-', 3, 15),
    // Prompts of up to 100,000 tokens; longer ones cost more.
    claude('haiku-5-5', 0.1, 0.5),
    claude('haiku-4-5', 1, 5),
    claude('3-7-sonnet', 3, 15),
    // "Extended access": twice what it was.
    claude('3-5-sonnet', 6, 30),
    claude('3-5-haiku', 0.8, 4),
    claude('3-opus', 15, 75),
    claude('3-sonnet', 3, 15),
    { model: '*anthropic.claude-3-haiku*', input: 0.25, output: 1.25, cacheRead: 0.03, cacheWrite: 0.3 },
    price('amazon.nova-2-lite', 0.3, 2.5, 0.075),
    price('amazon.nova-micro', 0.035, 0.14, 0.00875),
    price('amazon.nova-lite', 0.06, 0.24, 0.015),
    price('amazon.nova-pro', 0.8, 3.2, 0.2),
    price('amazon.titan-text-express', 0.2, 0.6),
    price('amazon.titan-text-lite', 0.15, 0.2),
    price('ai21.jamba-1-5-large', 2, 8),
    price('ai21.jamba-1-5-mini', 0.2, 0.4),
    price('cohere.command-r-plus', 3, 15),
    price('cohere.command-r-v', 0.5, 1.5),
    price('deepseek.r1', 1.35, 5.4),
    price('deepseek.v3.2', 0.62, 1.85),
    price('deepseek.v3', 0.58, 1.68),
    price('meta.llama4-maverick', 0.24, 0.97),
    price('meta.llama4-scout', 0.17, 0.66),
    price('meta.llama3-3-70b', 0.72, 0.72),
    price('meta.llama3-1-70b', 0.72, 0.72),
    price('meta.llama3-1-8b', 0.22, 0.22),
    price('mistral.pixtral-large', 2, 6),
    price('mistral.mistral-large-3', 0.5, 1.5),
    price('mistral.mistral-7b', 0.15, 0.2),
    price('mistral.mixtral-8x7b', 0.45, 0.7),
    price('openai.gpt-oss-120b', 0.15, 0.6),
    price('openai.gpt-oss-20b', 0.07, 0.3),
    price('qwen.qwen3-235b', 0.22, 0.88),
    price('qwen.qwen3-32b', 0.15, 0.6),
    price('qwen.qwen3-coder-30b', 0.15, 0.6),
    price('qwen.qwen3-coder-480b', 0.22, 1.8),
    price('writer.palmyra-x4', 2.5, 10),
    price('writer.palmyra-x5', 0.6, 6),
  ],
}

const MOST_REMEMBERED = 1_000

/**
 * Looks up the price of a model, null if unknown. Answers are cached, since it is asked for each call.
 * @param own the operator's prices, which override ours
 */
export function makePrices(own: readonly ModelPrice[] = []): (model: string) => ModelPrice | null {
  const all = [...own, ...MODEL_PRICES.prices]
  const known = new Map<string, ModelPrice | null>()
  return (model) => {
    const remembered = known.get(model)
    if (remembered !== undefined) return remembered
    const found = all.find((entry) => matches(entry.model, model)) ?? null
    if (known.size >= MOST_REMEMBERED) known.clear()
    known.set(model, found)
    return found
  }
}

/** What a call cost, in US dollars. */
export function costUsd(usage: TokenUsage, { input, output, ...cache }: ModelPrice): number {
  const { cacheRead = input, cacheWrite = input } = cache
  const dollarsAMillion =
    usage.input * input + usage.output * output + usage.cacheRead * cacheRead + usage.cacheWrite * cacheWrite
  return dollarsAMillion / 1e6
}

/** US dollars that a call costs at list price; null for a model without a price. */
export function listCost(): (model: string, usage: TokenUsage) => number | null {
  const prices = makePrices()
  return (model, usage) => {
    const price = prices(model)
    return price === null ? null : costUsd(usage, price)
  }
}
