// Recognises throttles beyond status 429: by names, and by texts of other statuses. Pure.
import type { CallFailure } from '../job/call-failure.ts'
import { QUOTA_EXCEEDED } from '../job/long-quota.ts'

// Names that the AWS SDK for Java handles as throttles, as observed.
const NAMES = new Set([
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
/** Names of services and gateways in front of Bedrock. */
const LIKE_NAMES = /throttl|too_?many_?requests|rate_?limit/i

/**
 * Texts for a throttle, with any status: "Too many requests, please wait before trying again.", "Too many tokens per day, …", "Rate
 * exceeded", "Request was throttled". An input that is too long for the model ("Too many input tokens", "Too many tokens in the request") is
 * no throttle: it fails the same way each time.
 */
const TEXTS = [
  /\btoo many (requests|calls)\b/i,
  /\btoo many tokens,? (per (second|minute|hour|day)|please wait)/i,
  /\b(rate|rate limit|throughput) (is |was |has been )?(exceeded|reached)\b/i,
  /\bexceed(ed|s|ing)? (your |the |its |a )?([\w-]+ ){0,3}(rate limit|request rate|rate of requests|throughput)\b/i,
  /\brequest rate (is )?too high\b/i,
  /\b(was|were|been|being|is|are|get|gets|got) throttled\b/i,
  /\b(request|requests|account|api|due to) throttling\b/i,
  /\bslow down\b.*\brequests?\b|\brequests?\b.*\bslow down\b/i,
]
/** Parts of a message that repeat the request prove nothing. */
const REPEATED = /\[[^\]]*\]|\{[^}]*\}|"[^"]*"|'[^']*'|`[^`]*`/g

/** Whether AWS wants fewer calls. False for a failure without an answer. */
export function isThrottle({ name, status, message, unreadable = false }: CallFailure): boolean {
  if (NAMES.has(name) || name === QUOTA_EXCEEDED) return true
  if (status === undefined || status < 400) return false
  if (status === 429 || LIKE_NAMES.test(name)) return true
  if (unreadable) return false
  const own = message.replace(REPEATED, '')
  return TEXTS.some((text) => text.test(own))
}
