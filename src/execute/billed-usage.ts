// What of a call counts to budgets: what its answer says; where there is none, the least that AWS may bill for it. Pure.
import { cannotReach } from '../connector/resend.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { NO_USAGE, type TokenUsage } from '../job/token-usage.ts'
import { DEFAULT_RATIO } from '../pace/input-estimate.ts'
import type { CallAnswer } from './bedrock-caller.ts'
import type { CallEstimate } from './budgets.ts'

/** The tokens of a call that was made, in whatever way it ended. */
export function billedUsage(answer: CallAnswer, { inputTokens, maxTokens }: CallEstimate): TokenUsage {
  if (answer.kind === 'failure') {
    if (!mayBeBilled(answer.failure)) return NO_USAGE
    const read = Math.ceil((answer.failure.body?.length ?? 0) * DEFAULT_RATIO)
    return { ...NO_USAGE, input: inputTokens, output: Math.min(maxTokens, read) }
  }
  const { input, output, cacheRead, cacheWrite } = answer.usage
  // Some models' answers tell nothing of tokens.
  return input + output + cacheRead + cacheWrite > 0 ? answer.usage : { ...NO_USAGE, input: inputTokens }
}

/** It was sent, and nothing says that AWS refused it: the model reads the input, and goes on when nobody listens any more. */
function mayBeBilled(failure: CallFailure): boolean {
  const { status, beforeSending = false, unprocessed = false } = failure
  return !beforeSending && !unprocessed && !cannotReach(failure) && (status === undefined || status < 300)
}
