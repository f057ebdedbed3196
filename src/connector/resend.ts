// Whether a request without an answer is sent again. Pure; when, is decided elsewhere. For calls that may have been executed it follows the
// AWS SDK for Java in its legacy mode, which resends after every network failure. A throttle only changes the pace, and an outage is waited
// for: neither counts as an attempt.
import type { CallFailure } from '../job/call-failure.ts'
import { QUOTA_EXCEEDED } from '../job/long-quota.ts'
import { isThrottle } from './throttle-wording.ts'

/**
 * - `throttle`: AWS wants fewer calls: wait; no attempt is counted;
 * - `outage`: AWS certainly did not execute it, and would not execute others either: wait; no attempt is counted;
 * - `transient`: it may have been executed, and a retry may succeed: resend a few times;
 * - `final`: the same call would fail the same way, or was already paid.
 */
export type ResendRule = 'throttle' | 'outage' | 'transient' | 'final'

/** Whether an outage is waited for, or counts as in the stock connector (`QUARRY_ON_OUTAGE`). */
export type OnOutage = 'wait' | 'fail'

// The SDK's own list, as observed.
const TRANSIENT_NAMES = new Set([
  'RequestTimeout',
  'RequestTimeoutException',
  'InternalError',
  'RequestTimeTooSkewed',
  'RequestExpired',
  'RequestInTheFuture',
])
const TRANSIENT_STATUS = new Set([500, 502, 503, 504])

/** What a failed call means for the request. */
export function resendRule(failure: CallFailure, onOutage: OnOutage = 'wait'): ResendRule {
  const rule = ruleOf(failure, onOutage)
  // "Retry your request." (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ResponseStream.html)
  if (failure.generated !== undefined && failure.name === 'ModelStreamErrorException') return 'transient'
  // It is billed, so that sending it again counts as an attempt.
  return failure.generated !== undefined && (rule === 'throttle' || rule === 'outage') ? 'transient' : rule
}

function ruleOf(failure: CallFailure, onOutage: OnOutage): ResendRule {
  const { name, status, unreadable = false } = failure
  // A call that we ended may still run, and be paid, on the other side.
  if (failure.timedOutAfterMs !== undefined || name === 'AbortError') return 'final'
  if (failure.beforeSending === true) return 'final'
  if (isOutage(failure)) {
    if (onOutage === 'wait') return 'outage'
    return failure.noCredentials === true ? 'final' : 'transient'
  }
  if (onOutage === 'fail' && name === QUOTA_EXCEEDED) return 'final'
  if (isThrottle(failure)) return 'throttle'
  // Whatever broke, the call may have arrived.
  if (status === undefined || failure.network !== undefined) return 'transient'
  if (TRANSIENT_NAMES.has(name)) return 'transient'
  if (unreadable && status < 300) return 'transient'
  return TRANSIENT_STATUS.has(status) ? 'transient' : 'final'
}

/** Whether AWS certainly did not execute the call, and would not have executed any other. */
function isOutage(failure: CallFailure): boolean {
  return cannotReach(failure) || failure.unprocessed === true || isUnavailable(failure)
}

/** Whether the call never left: no connection could be made, or there were no credentials to sign it. */
export function cannotReach({ connect, network, noCredentials = false }: CallFailure): boolean {
  return connect !== undefined || network === 'refused' || network === 'unknownHost' || noCredentials
}

/**
 * 503, which AWS also sends with "Too many connections, please wait before trying again.", and a model that is not loaded
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html#API_runtime_InvokeModel_Errors).
 */
function isUnavailable(failure: CallFailure): boolean {
  const { name, status, message, unreadable = false } = failure
  if (name === 'ServiceUnavailableException' || name === 'ModelNotReadyException') return true
  if (status === 503) return !isThrottle(failure)
  if (status === undefined || status < 400 || unreadable) return false
  return /\btoo many (concurrent |open )?connections\b/i.test(message)
}
