// What the end of a call says about how fast its lane may go. Pure.
import { lacksModel } from '../connector/absent-model.ts'
import { cannotReach, type OnOutage, resendRule } from '../connector/resend.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { longQuota } from '../job/long-quota.ts'
import type { PaceEnd } from '../pace/lane-pace.ts'

/** How a call was made, as far as that says whether its end speaks for its lane. */
export interface CallPlace {
  readonly onOutage: OnOutage
  /** Whether it went to an endpoint that its diagram names, which the other calls of the lane do not use. */
  readonly ownEndpoint: boolean
  /** Whether a route led it there from another lane. */
  readonly routed: boolean
}

/**
 * The pace's view of a failure. A throttle that speaks of tokens concerns the tokens per minute only: AWS says "Too many tokens, please
 * wait before trying again." (https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html).
 * One that speaks of a day is a quota that is used up for long, and cools the lane.
 * 503 and model timeouts are signs of too many calls at once. Whatever else has no HTTP status, or one above 499, is a failure of
 * the way or the region: only what is known to be of the call itself says nothing.
 */
export function paceEnd(failure: CallFailure, place: CallPlace): PaceEnd {
  const end = endOf(failure, place.onOutage)
  if (place.routed && lacksModel(failure) && end === 'ok') return 'unknown'
  return place.ownEndpoint && OF_THE_WAY.has(end) ? 'unknown' : end
}

/** Errors of AWS that say that it does not take a credential (https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html). */
const REFUSED = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'ExpiredToken',
  'ExpiredTokenException',
  'OptInRequired',
])

/** Whether AWS does not take the credential of a call, or of a question about it. */
export function refusesCredential({ name, status }: Pick<CallFailure, 'name' | 'status'>): boolean {
  return status === 401 || (status !== undefined && status >= 400 && status < 500 && REFUSED.has(name))
}

/** Ends that speak of the way to an endpoint. */
const OF_THE_WAY: ReadonlySet<PaceEnd> = new Set(['outage', 'unavailable', 'overload', 'failure'])

function endOf(failure: CallFailure, onOutage: OnOutage): PaceEnd {
  const { name, message, status, network } = failure
  if (name === 'AbortError' || failure.beforeSending === true) return 'unknown'
  if (name === 'ModelTimeoutException' || failure.timedOutAfterMs !== undefined) return 'overload'
  if (refusesCredential(failure)) return 'refused'
  const rule = resendRule(failure)
  if (rule === 'outage') return onOutage === 'wait' ? waited(failure) : counted(failure)
  if (rule === 'throttle' && longQuota(failure) !== null) return 'quota'
  if (rule === 'throttle') return /tokens/i.test(message) ? 'tokenThrottle' : 'throttle'
  return network !== undefined || status === undefined || status >= 500 ? 'failure' : 'ok'
}

function waited(failure: CallFailure): PaceEnd {
  if (cannotReach(failure)) return 'outage'
  // The next call has another connection.
  return failure.unprocessed === true ? 'failure' : 'unavailable'
}

/** An outage where its calls count: the lane goes on, as after any other failure. */
function counted(failure: CallFailure): PaceEnd {
  if (failure.noCredentials === true) return 'unknown'
  if (cannotReach(failure) || failure.unprocessed === true) return 'failure'
  return failure.name === 'ModelNotReadyException' ? 'ok' : 'overload'
}
