// How full and how quick Redis is, over all servers that take writes.
import type { Redis } from 'ioredis'
import type { RedisClient } from './connect.ts'
import { mastersOf } from './inspect-redis.ts'

export interface RedisUsage {
  readonly usedBytes: number
  /** What it may use; 0: no bound is set, or one server has none. */
  readonly maxBytes: number
  /** Keys evicted for want of memory, since the servers started. */
  readonly evictedKeys: number
  /** From a question to its answer, as this process sees it, ms; of the slowest server. */
  readonly latencyMs: number
}

/** @throws Error when a server does not answer. */
export async function readRedisUsage(redis: RedisClient): Promise<RedisUsage> {
  const nodes = await Promise.all(mastersOf(redis).map(askNode))
  const sum = (of: (node: RedisUsage) => number): number => nodes.reduce((total, node) => total + of(node), 0)
  const bounded = nodes.every(({ maxBytes }) => maxBytes > 0)
  return {
    usedBytes: sum(({ usedBytes }) => usedBytes),
    maxBytes: bounded ? sum(({ maxBytes }) => maxBytes) : 0,
    evictedKeys: sum(({ evictedKeys }) => evictedKeys),
    latencyMs: Math.max(...nodes.map(({ latencyMs }) => latencyMs)),
  }
}

async function askNode(node: Redis): Promise<RedisUsage> {
  const askedAt = performance.now()
  await node.ping()
  const latencyMs = performance.now() - askedAt
  const [memory, stats] = await Promise.all([node.info('memory'), node.info('stats')])
  const figure = (text: string, name: string): number =>
    Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return {
    usedBytes: figure(memory, 'used_memory'),
    maxBytes: figure(memory, 'maxmemory'),
    evictedKeys: figure(stats, 'evicted_keys'),
    latencyMs,
  }
}
