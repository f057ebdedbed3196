// Several commands in as few round trips as possible: one pipeline to a server; in a Cluster, where a pipeline may only have keys of one
// node, all commands at once.
import { type ChainableCommander, Cluster } from 'ioredis'
import type { RedisClient } from './connect.ts'

/** Sends a command on a connection, or adds it to a pipeline. */
export type Ask = (on: RedisClient | ChainableCommander) => unknown

/**
 * The replies, in the order of the commands. Each command's keys must be in one slot.
 * @throws the first error among the replies, after all have arrived.
 */
export async function together(redis: RedisClient, asked: readonly Ask[]): Promise<readonly unknown[]> {
  const [only] = asked
  if (only === undefined) return []
  // A pipeline object is large: it has a copy of every command.
  if (asked.length === 1) return [await only(redis)]
  if (redis instanceof Cluster) {
    const replies = await Promise.allSettled(asked.map((ask) => ask(redis)))
    return replies.map((reply) => {
      if (reply.status === 'rejected') throw reply.reason
      return reply.value
    })
  }
  const pipeline = redis.pipeline()
  for (const ask of asked) ask(pipeline)
  const replies = (await pipeline.exec()) ?? []
  return replies.map(([error, reply]) => {
    if (error) throw error
    return reply
  })
}

/** Whether any of these keys exists. One command; in a Cluster one per key, since their slots differ. */
export async function anyExists(redis: RedisClient, keys: readonly string[]): Promise<boolean> {
  if (!(redis instanceof Cluster)) return (await redis.exists(...keys)) > 0
  const found = await Promise.all(keys.map((key) => redis.exists(key)))
  return found.some((count) => count > 0)
}

/** The strings under these keys, null where there is none. One command; in a Cluster one per key. */
export async function getAll(
  redis: RedisClient,
  keys: readonly string[],
): Promise<readonly (string | null)[]> {
  return redis instanceof Cluster ? Promise.all(keys.map((key) => redis.get(key))) : redis.mget(...keys)
}
