// The output limit of a call that sets none: AWS reserves the model's maximum for it
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InferenceConfiguration.html). Pure; data.
import { matches } from '../../rules/pattern.ts'

interface OutputLimit {
  /** Pattern of the model id, inference profile id or ARN. */
  readonly model: string
  /** Tokens. */
  readonly most: number
}

/** Maximum output tokens of models: the first matching pattern. */
export const OUTPUT_LIMITS: {
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

/** Maximum output tokens of a call that sets no limit; 4,096 for unlisted models. */
export function defaultMaxTokens(model: string): number {
  return OUTPUT_LIMITS.limits.find((entry) => matches(entry.model, model))?.most ?? OTHERWISE
}
