// Recognises errors that say something about Redis, and not about the command: it is out of reach, or refuses all writes. During an outage
// many clients report them many times. Pure.

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

/**
 * The prefixes of such errors; from a script they follow a dash. Redis is full, read-only after a failover, unable to save to disk,
 * loading, without enough replicas, busy with a script, or a Cluster that is being reconfigured.
 */
const REFUSED = /(?:^|[\s-])(?:OOM|READONLY|MISCONF|LOADING|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY) /

/** Whether Redis refused a command because of its own state, which the dependency watch reports. */
export function isRefusedByRedis(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError' && REFUSED.test(error.message)
}

/** Whether an error comes from Redis, or from the connection to it. */
export function isOfRedis(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ReplyError' || isLostConnection(error))
}
