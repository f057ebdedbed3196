// Which errors say that Redis takes no writes for now, or cannot be used at all, and nothing about what was asked. Pure.
import { isLostConnection } from './lost-connection.ts'

/**
 * How Redis begins such a refusal; within a script it stands behind a dash. Full, read-only after a failover, unable to save to
 * its disk, loading, without the replicas it wants, busy with a script, or a Cluster that is being put in order.
 */
const REFUSED = /(?:^|[\s-])(?:OOM|READONLY|MISCONF|LOADING|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY) /

/** Whether Redis refused a command by its own state. It does so to everybody: the dependency watch speaks of it. */
export function isRefusedByRedis(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError' && REFUSED.test(error.message)
}

/** Whether an error is one of Redis, or of the way to it. */
export function isOfRedis(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ReplyError' || isLostConnection(error))
}
