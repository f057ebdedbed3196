// Memory and latency of Redis, over all servers that take writes.
import type { RedisClient } from './connect.ts'
import { measureRedis, type RedisMeasure } from './measure-redis.ts'

/** Sums over the servers; latency of the slowest one; a limit of 0 if any server has none. */
export type RedisUsage = Pick<RedisMeasure, 'usedBytes' | 'maxBytes' | 'evictedKeys' | 'latencyMs'>

/** @throws Error when a server does not answer. */
export async function readRedisUsage(redis: RedisClient): Promise<RedisUsage> {
  const nodes = await measureRedis(redis, 1)
  const sum = (of: (node: RedisUsage) => number): number => nodes.reduce((total, node) => total + of(node), 0)
  const bounded = nodes.every(({ maxBytes }) => maxBytes > 0)
  return {
    usedBytes: sum(({ usedBytes }) => usedBytes),
    maxBytes: bounded ? sum(({ maxBytes }) => maxBytes) : 0,
    evictedKeys: sum(({ evictedKeys }) => evictedKeys),
    latencyMs: Math.max(...nodes.map(({ latencyMs }) => latencyMs)),
  }
}
