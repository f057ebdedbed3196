// Whether a request that got no answer is sent again. Pure; when that is, is decided elsewhere. The rules are those
// of the AWS SDK for Java in its legacy mode, except that a throttle is a matter of pace, not of attempts.
import type { CallFailure } from '../job/call-failure.ts'

/**
 * - `throttle`: AWS wants fewer calls: wait, it counts as no attempt;
 * - `transient`: the same call may go through: it is sent again a few times;
 * - `final`: the same call would fail the same way, or was paid for already.
 */
export type ResendRule = 'throttle' | 'transient' | 'final'

// The SDK's own lists, as it was seen to send again.
const THROTTLE_NAMES = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'ProvisionedThroughputExceededException',
  'SlowDown',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'BandwidthLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'EC2ThrottledException',
  'TransactionInProgressException',
  'PriorRequestNotComplete',
])
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
export function resendRule(failure: CallFailure): ResendRule {
  const { name, status, network, unreadable = false } = failure
  // A call that we ended may still be running, and be paid, on the other side.
  if (failure.timedOutAfterMs !== undefined || failure.noCredentials === true || name === 'AbortError')
    return 'final'
  if (network !== undefined) return 'transient'
  if (THROTTLE_NAMES.has(name)) return 'throttle'
  if (TRANSIENT_NAMES.has(name)) return 'transient'
  if (status === undefined) return 'final'
  if (status === 429) return name === 'ModelNotReadyException' ? 'transient' : 'throttle'
  if (unreadable && status < 300) return 'transient'
  return TRANSIENT_STATUS.has(status) ? 'transient' : 'final'
}
