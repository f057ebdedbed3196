// What the end of a call means for its lane: the effect on the pace, and why calls fail, for people. Pure.
import { lacksModel } from '../connector/absent-model.ts'
import { cannotReach, type OnOutage, resendRule } from '../connector/resend.ts'
import { isThrottle } from '../connector/throttle-wording.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { longQuota } from '../job/long-quota.ts'
import type { PaceEnd } from '../lanes/pace/lane-pace.ts'
import type { CallAnswer } from './bedrock-caller.ts'
import type { MeasuredCall } from './call-tokens.ts'
import type { TurnEnd } from './turns.ts'

/** How a call was made, which decides whether its end concerns its lane. */
export interface CallPlace {
  readonly onOutage: OnOutage
  /** Whether its diagram names the endpoint: other calls of the lane do not use that. */
  readonly ownEndpoint: boolean
  /** Whether its diagram or a rule names its credentials: other calls of the lane may have others. */
  readonly ownCredential: boolean
  /** Whether a route sent it here from another lane. */
  readonly routed: boolean
}

/** The end of a call, for the pace of its lane. */
export function turnEnd(answer: CallAnswer, measured: MeasuredCall, place: CallPlace): TurnEnd {
  if (answer.kind !== 'failure') {
    return { end: 'ok', used: measured.used(answer.usage), retryAfterMs: 0 }
  }
  const { failure } = answer
  // An error answer, or a call that AWS never got, took no tokens; a call that was cut may have.
  const refused = failure.status !== undefined && failure.status >= 400 && failure.generated === undefined
  const isUnsent = failure.beforeSending === true || resendRule(failure) === 'outage'
  const used = refused || isUnsent ? 0 : null
  const why = outageWhy(failure)
  return { end: paceEnd(failure, place), used, retryAfterMs: failure.retryAfterMs ?? 0, why }
}

/**
 * The pace's view of a failure. A throttle by tokens concerns the tokens per minute only. AWS's message is "Too many tokens, please
 * wait before trying again." (https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html).
 * A throttle per day is a used-up long-term quota, and cools down the lane. 503 and model timeouts suggest too many concurrent calls. Any other
 * failure without an HTTP status, or with one above 499, counts against the connection or region, unless it is known to concern the call.
 */
export function paceEnd(failure: CallFailure, place: CallPlace): PaceEnd {
  const end = endOf(failure, place.onOutage)
  if (place.routed && lacksModel(failure) && end === 'ok') return 'unknown'
  if (place.ownCredential && failure.noCredentials === true) return 'unknown'
  return place.ownEndpoint && OF_THE_WAY.has(end) ? 'unknown' : end
}

/** Errors by which AWS refuses a credential (https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html). */
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

/** Whether AWS refused the credential of a call to Bedrock or STS. */
export function refusesCredential({ name, status }: Pick<CallFailure, 'name' | 'status'>): boolean {
  return status === 401 || (status !== undefined && status >= 400 && status < 500 && REFUSED.has(name))
}

/** Ends that concern the connection to an endpoint. */
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
  // The next call uses another connection.
  return failure.unprocessed === true ? 'failure' : 'unavailable'
}

/** An outage with `QUARRY_ON_OUTAGE=fail`: the lane continues, as after any other failure. */
function counted(failure: CallFailure): PaceEnd {
  if (failure.noCredentials === true) return 'unknown'
  if (cannotReach(failure) || failure.unprocessed === true) return 'failure'
  return failure.name === 'ModelNotReadyException' ? 'ok' : 'overload'
}

/** Limits the text in Redis and in the log. */
const LONGEST = 500
/** Error names are AWS's, the SDK's or Node's. */
const NAME = /^[\w.#:/-]{1,100}$/

const HEALTH = 'Look at the AWS Health Dashboard, and at what is between here and Bedrock.'
const CAPACITY = 'This concerns the model, not this account: look at the AWS Health Dashboard.'

/**
 * Why the calls of a lane fail, or why it cools down, in a sentence for people; '' if the failure does not concern the lane. AWS's message is
 * left out, as it may contain a prompt.
 */
export function outageWhy(failure: CallFailure): string {
  const why = reason(failure)
  return why.length > LONGEST ? `${why.slice(0, LONGEST - 1)}…` : why
}

function reason(failure: CallFailure): string {
  const { name, status, timedOutAfterMs, endpoint } = failure
  const shown = NAME.test(name) ? name : 'an error'
  if (failure.noCredentials === true) {
    return `no AWS credentials: ${ofCredentials(failure.message)}. See "npx quarry doctor" with the settings of the worker.`
  }
  if (failure.connect !== undefined) return firstLine(failure.message)
  const used = isThrottle(failure) ? longQuota(failure) : null
  if (used !== null) return `${used} (${shown})`
  if (timedOutAfterMs !== undefined) return `calls have no answer after ${timedOutAfterMs / 1_000} s`
  if (status !== undefined)
    return `Bedrock answers ${shown} (${status}). ${status >= 500 ? HEALTH : CAPACITY}`
  const said = firstLine(failure.message)
  // The layer of connections names the endpoint itself.
  if (endpoint === undefined || said.includes(endpoint)) return said
  return `the connection to ${endpoint} breaks: ${said}`
}

/** Leaves out the output of a credentials program or page, which may contain secrets. */
function ofCredentials(message: string): string {
  if (/^Command failed/.test(message)) return 'the credential_process failed'
  if (/JSON/.test(message)) return 'what the source of credentials answers is not valid JSON'
  return firstLine(message).replace(/\.$/, '')
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').trim()
}
