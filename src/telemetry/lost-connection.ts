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

/** Whether an error is of the connection and not of what was asked. The dependency watch speaks of those. */
export function isLostConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  // ioredis gives this one no code.
  if (error.message === 'Connection is closed.') return true
  return 'code' in error && typeof error.code === 'string' && CODES.has(error.code)
}
