// Tokens of calls: how many to reserve before a call, how many AWS takes from the quota, and how many count to budgets.

import { type CallEstimate, leastBilled } from '../budgets/budget.ts'
import type { BedrockRequest } from '../connector/bedrock-request.ts'
import { cannotReach } from '../connector/resend.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { NO_USAGE, type TokenUsage } from '../job/token-usage.ts'
import { DEFAULT_RATIO, estimateInputTokens, learnedRatio } from '../lanes/pace/input-estimate.ts'
import { burndownOf, defaultMaxTokens, reservation, settledTokens } from '../lanes/pace/model-tokens.ts'
import type { CallAnswer } from './bedrock-caller.ts'

/** No model answers more. Limits the reservation of a larger `maxTokens`. */
const MOST_OUTPUT = 1_000_000

/** The tokens of a request before it is sent. */
export interface MeasuredCall {
  /** The estimated input, and the output limit. */
  readonly estimate: CallEstimate
  /** Tokens to reserve: the sum of both. */
  readonly reserve: number
  /** Tokens of quota that the answered call took, from which the lane learns. Null if the answer has no token counts. */
  used(usage: TokenUsage): number | null
}

export interface CallTokens {
  measure(request: Pick<BedrockRequest, 'size'>): MeasuredCall
}

/** @param modelNow - the model that the lane's calls reach, by the current lanes file. */
export function makeCallTokens(modelNow: () => string): CallTokens {
  const of = (model: string) => ({ model, burndown: burndownOf(model), output: defaultMaxTokens(model) })
  let known = of(modelNow())
  let ratio = DEFAULT_RATIO
  return {
    measure({ size }) {
      const model = modelNow()
      if (model !== known.model) known = of(model)
      const { burndown, output } = known
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

/**
 * Tokens of a call that count to budgets: those of its answer or, without an answer, the least that AWS may bill. Pure.
 */
export function billedUsage(answer: CallAnswer, estimate: CallEstimate): TokenUsage {
  const least = leastBilled(estimate)
  if (answer.kind === 'failure') {
    if (!mayBeBilled(answer.failure)) return NO_USAGE
    const read = Math.ceil((answer.failure.generated ?? answer.failure.body?.length ?? 0) * DEFAULT_RATIO)
    return { ...least, output: Math.min(estimate.maxTokens, read) }
  }
  const { input, output, cacheRead, cacheWrite } = answer.usage
  // Some models' answers have no token counts.
  return input + output + cacheRead + cacheWrite > 0 ? answer.usage : least
}

/** It was sent, and AWS did not refuse it: the model reads the input, and continues even if nobody listens. */
function mayBeBilled(failure: CallFailure): boolean {
  const { status, beforeSending = false, unprocessed = false } = failure
  if (failure.generated !== undefined) return true
  return !beforeSending && !unprocessed && !cannotReach(failure) && (status === undefined || status < 300)
}
