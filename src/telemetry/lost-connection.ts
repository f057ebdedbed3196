// Recognises errors that only mean that Redis is out of reach: during an outage many clients report them many times. Pure.

const CODES = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])

/** Errors of ioredis without a code: a connection that ended or went silent, a Cluster without an answering node. */
const MESSAGES = /^(Connection is closed\.|Socket timeout\. Expecting data|Failed to refresh slots cache\.)/

/** Whether an error is of the connection and not of the command. The dependency watch reports those. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (MESSAGES.test(error.message)) return true
  return 'code' in error && typeof error.code === 'string' && CODES.has(error.code)
}
