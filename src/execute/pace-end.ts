// What the end of a call says about how fast its lane may go. Pure.
import { resendRule } from '../connector/resend.ts'
import type { CallFailure } from '../job/call-failure.ts'
import type { PaceEnd } from '../pace/lane-pace.ts'

/**
 * The pace's view of a failure. A throttle that speaks of tokens concerns the tokens per minute only: AWS says "Too many tokens, please
 * wait before trying again." (https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html).
 * One that speaks of a day is a quota that is used up for long.
 * 503 and model timeouts are signs of too many calls at once; a quota that is used up for long ends the job, and cools
 * the lane for those behind it.
 */
export function paceEnd(failure: CallFailure): PaceEnd {
  const { name, message, status, network } = failure
  if (name === 'AbortError') return 'unknown'
  if (name === 'ServiceQuotaExceededException') return 'quota'
  if (resendRule(failure) === 'throttle' && /per day|daily/i.test(message)) return 'quota'
  if (resendRule(failure) === 'throttle') return /tokens/i.test(message) ? 'tokenThrottle' : 'throttle'
  if (status === 503 || name === 'ModelTimeoutException' || failure.timedOutAfterMs !== undefined)
    return 'overload'
  if (failure.noCredentials === true) return 'unknown'
  if (network !== undefined || (status !== undefined && status >= 500)) return 'failure'
  return 'ok'
}
