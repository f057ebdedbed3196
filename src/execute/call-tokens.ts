// Tokens of calls of one lane: what to reserve before a call, and what AWS takes in the end.

import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { callSize } from '../connector/call-size.ts'
import type { TokenUsage } from '../job/token-usage.ts'
import { burndownOf, reservation, settledTokens } from '../pace/burndown.ts'
import { defaultMaxTokens } from '../pace/default-output.ts'
import { DEFAULT_RATIO, estimateInputTokens, learnedRatio } from '../pace/input-estimate.ts'
import type { CallEstimate } from './budgets.ts'

/** No model gives more: a larger maximum is not to reserve what no call can take. */
const MOST_OUTPUT = 1_000_000

/** A request that is to be sent: its size is taken once, however long its body is. */
export interface MeasuredCall {
  /** The estimated input, and all of the output that the request allows. */
  readonly estimate: CallEstimate
  /** Tokens to reserve: the sum of both. */
  readonly reserve: number
  /** Tokens of quota that the answered call took; the lane learns from it. Null when the answer told none. */
  used(usage: TokenUsage): number | null
}

export interface CallTokens {
  measure(request: BedrockRequest): MeasuredCall
}

/** @param modelNow - the model that the lane's calls reach, as an operator says by now. */
export function makeCallTokens(modelNow: () => string): CallTokens {
  const of = (model: string) => ({ model, burndown: burndownOf(model), output: defaultMaxTokens(model) })
  let known = of(modelNow())
  let ratio = DEFAULT_RATIO
  return {
    measure(request) {
      const model = modelNow()
      if (model !== known.model) known = of(model)
      const { burndown, output } = known
      const size = callSize(request)
      const maxTokens = Math.min(MOST_OUTPUT, Math.max(0, Math.ceil(size.maxTokens ?? output)))
      const inputTokens = estimateInputTokens(size, ratio)
      return {
        estimate: { inputTokens, maxTokens },
        reserve: reservation(inputTokens, maxTokens),
        used(usage) {
          const { input, cacheRead, cacheWrite } = usage
          if (input + usage.output === 0) return null
          ratio = learnedRatio(ratio, size, input + cacheRead + cacheWrite)
          return settledTokens(usage, burndown)
        },
      }
    },
  }
}
