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

export interface CallTokens {
  /** The estimated input, and all of the output that the request allows. */
  estimate(request: BedrockRequest): CallEstimate
  /** Tokens to reserve: the sum of both. */
  reserve(request: BedrockRequest): number
  /** Tokens of quota that an answered call took; learns from it. Null when the answer told none. */
  used(request: BedrockRequest, usage: TokenUsage): number | null
}

/** @param model - of the lane, as AWS knows it. */
export function makeCallTokens(model: string): CallTokens {
  const burndown = burndownOf(model)
  const output = defaultMaxTokens(model)
  let ratio = DEFAULT_RATIO
  const estimate = (request: BedrockRequest): CallEstimate => {
    const size = callSize(request)
    const maxTokens = Math.min(MOST_OUTPUT, Math.max(0, Math.ceil(size.maxTokens ?? output)))
    return { inputTokens: estimateInputTokens(size, ratio), maxTokens }
  }
  return {
    estimate,
    reserve(request) {
      const { inputTokens, maxTokens } = estimate(request)
      return reservation(inputTokens, maxTokens)
    },
    used(request, usage) {
      const { input, cacheRead, cacheWrite } = usage
      if (input + usage.output === 0) return null
      ratio = learnedRatio(ratio, callSize(request), input + cacheRead + cacheWrite)
      return settledTokens(usage, burndown)
    },
  }
}
