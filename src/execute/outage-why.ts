// Why the calls of a lane fail, or why it cools down, in a sentence for people. Pure. What AWS answered is not repeated, as it
// may hold a prompt.
import { isThrottle } from '../connector/throttle-wording.ts'
import type { CallFailure } from '../job/call-failure.ts'
import { longQuota } from '../job/long-quota.ts'

/** Kept for each lane in Redis, and logged. */
const LONGEST = 500
/** Error names are AWS's, the SDK's or Node's. */
const NAME = /^[\w.#:/-]{1,100}$/

const HEALTH = 'Look at the AWS Health Dashboard, and at what is between here and Bedrock.'
const CAPACITY = 'It says so of the model, not of this account: look at the AWS Health Dashboard.'

/** @returns '' for a failure that says nothing of its lane. */
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
