// Whether a request that got no answer is sent again. Pure; when that is, is decided elsewhere. What may have been executed
// follows the AWS SDK for Java in its legacy mode, which sends every failure of the way again. A throttle is a matter of pace,
// and an outage one of patience: neither is an attempt.
import type { CallFailure } from '../job/call-failure.ts'
import { QUOTA_EXCEEDED } from '../job/long-quota.ts'
import { isThrottle } from './throttle-wording.ts'

/**
 * - `throttle`: AWS wants fewer calls: wait, it counts as no attempt;
 * - `outage`: AWS certainly did not execute it, and would not execute others either: wait, it counts as no attempt;
 * - `transient`: it may have been executed, and may go through: it is sent again a few times;
 * - `final`: the same call would fail the same way, or was paid for already.
 */
export type ResendRule = 'throttle' | 'outage' | 'transient' | 'final'

/** Whether an outage is waited for, or counts as with the stock connector (`QUARRY_ON_OUTAGE`). */
export type OnOutage = 'wait' | 'fail'

// The SDK's own list, as it was seen to send again.
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
  const { name, status, unreadable = false } = failure
  // A call that we ended may still be running, and be paid, on the other side.
  if (failure.timedOutAfterMs !== undefined || name === 'AbortError') return 'final'
  if (failure.beforeSending === true) return 'final'
  if (isOutage(failure)) {
    if (onOutage === 'wait') return 'outage'
    return failure.noCredentials === true ? 'final' : 'transient'
  }
  if (onOutage === 'fail' && name === QUOTA_EXCEEDED) return 'final'
  if (isThrottle(failure)) return 'throttle'
  // Whatever it is that broke, the call may have arrived.
  if (status === undefined || failure.network !== undefined) return 'transient'
  if (TRANSIENT_NAMES.has(name)) return 'transient'
  if (unreadable && status < 300) return 'transient'
  return TRANSIENT_STATUS.has(status) ? 'transient' : 'final'
}

/** Whether AWS certainly did not execute the call, whoever had made it. */
export function isOutage(failure: CallFailure): boolean {
  return cannotReach(failure) || failure.unprocessed === true || isUnavailable(failure)
}

/** Whether the call never left: no connection could be made, or nothing was there to sign it with. */
export function cannotReach({ connect, network, noCredentials = false }: CallFailure): boolean {
  return connect !== undefined || network === 'refused' || network === 'unknownHost' || noCredentials
}

/**
 * 503, which AWS also gives with "Too many connections, please wait before trying again.", and a model that is not loaded
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html#API_runtime_InvokeModel_Errors).
 */
function isUnavailable(failure: CallFailure): boolean {
  const { name, status, message, unreadable = false } = failure
  if (name === 'ServiceUnavailableException' || name === 'ModelNotReadyException') return true
  if (status === 503) return !isThrottle(failure)
  if (status === undefined || status < 400 || unreadable) return false
  return /\btoo many (concurrent |open )?connections\b/i.test(message)
}
