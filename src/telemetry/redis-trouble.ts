// Recognises errors by which Redis refuses all writes, or cannot be used, whatever the command was. Pure.
import { isLostConnection } from './lost-connection.ts'

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
