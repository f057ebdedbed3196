// What the end of a call says about its lane: how fast it may go, and, for people, why its calls fail. Pure.
import { lacksModel } from '../connector/absent-model.ts'
import { cannotReach, type OnOutage, resendRule } from '../connector/resend.ts'
import { isThrottle } from '../connector/throttle-wording.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { longQuota } from '../job/long-quota.ts'
import type { PaceEnd } from '../lanes/pace/lane-pace.ts'
import type { CallAnswer } from './bedrock-caller.ts'
import type { MeasuredCall } from './call-tokens.ts'
import type { TurnEnd } from './turns.ts'

/** How a call was made, as far as that says whether its end speaks for its lane. */
export interface CallPlace {
  readonly onOutage: OnOutage
  /** Whether it went to an endpoint that its diagram names, which the other calls of the lane do not use. */
  readonly ownEndpoint: boolean
  /** Whether a route led it there from another lane. */
  readonly routed: boolean
}

/** What a lane is told of a call. */
export function turnEnd(answer: CallAnswer, measured: MeasuredCall, place: CallPlace): TurnEnd {
  if (answer.kind !== 'failure') {
    return { end: 'ok', used: measured.used(answer.usage), retryAfterMs: 0 }
  }
  const { failure } = answer
  // What AWS answered with an error, or never got, took no tokens; a call that was cut may have.
  const refused = failure.status !== undefined && failure.status >= 400
  const isUnsent = failure.beforeSending === true || resendRule(failure) === 'outage'
  const used = refused || isUnsent ? 0 : null
  const why = outageWhy(failure)
  return { end: paceEnd(failure, place), used, retryAfterMs: failure.retryAfterMs ?? 0, why }
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

/** Kept for each lane in Redis, and logged. */
const LONGEST = 500
/** Error names are AWS's, the SDK's or Node's. */
const NAME = /^[\w.#:/-]{1,100}$/

const HEALTH = 'Look at the AWS Health Dashboard, and at what is between here and Bedrock.'
const CAPACITY = 'It says so of the model, not of this account: look at the AWS Health Dashboard.'

/**
 * Why the calls of a lane fail, or why it cools down, in a sentence for people; '' for a failure that says nothing of its lane. What
 * AWS answered is not repeated, as it may hold a prompt.
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

/** A source that is a program or a page may have said more than it should. */
function ofCredentials(message: string): string {
  if (/^Command failed/.test(message)) return 'the credential_process failed'
  if (/JSON/.test(message)) return 'what the source of credentials answers is not valid JSON'
  return firstLine(message).replace(/\.$/, '')
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').trim()
}
