// Which errors only say that Redis is out of reach: many clients tell of one outage many times. Pure.

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

/** What ioredis gives no code: a connection that ended, one that went silent, a Cluster of which no node answers. */
const MESSAGES = /^(Connection is closed\.|Socket timeout\. Expecting data|Failed to refresh slots cache\.)/

/** Whether an error is of the connection and not of what was asked. The dependency watch speaks of those. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (MESSAGES.test(error.message)) return true
  return 'code' in error && typeof error.code === 'string' && CODES.has(error.code)
}
