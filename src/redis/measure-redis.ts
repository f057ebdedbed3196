// Measures a Redis: latency, memory and clock.
import type { Redis } from 'ioredis'
import { clockMs } from './clock.ts'
import type { RedisClient } from './connect.ts'
import { addressOf, mastersOf } from './inspect-redis.ts'

/** One server that takes writes. */
export interface RedisMeasure {
  /** `host:port`, for messages. */
  readonly address: string
  /** Median of some round trips, ms. */
  readonly latencyMs: number
  readonly usedBytes: number
  /** Memory limit; 0 for none. */
  readonly maxBytes: number
  /** Keys evicted for want of memory since its start. */
  readonly evictedKeys: number
  /** How far its clock is ahead of ours, and the error of that, ms. */
  readonly clock: { readonly aheadMs: number; readonly withinMs: number }
}

/**
 * Measures every server that takes writes.
 * @param roundTrips - number of pings for the latency.
 * @throws Error when a server does not answer.
 */
export function measureRedis(redis: RedisClient, roundTrips: number): Promise<readonly RedisMeasure[]> {
  return Promise.all(mastersOf(redis).map((node) => measureNode(node, roundTrips)))
}

async function measureNode(node: Redis, roundTrips: number): Promise<RedisMeasure> {
  const times: number[] = []
  for (let trip = 0; trip < roundTrips; trip += 1) {
    const beganAt = performance.now()
    await node.ping()
    times.push(performance.now() - beganAt)
  }
  const latencyMs = times.sort((one, other) => one - other)[Math.floor(roundTrips / 2)] ?? 0
  const askedAt = Date.now()
  const told = clockMs(await node.time())
  const answeredAt = Date.now()
  const info = await node.info()
  const figure = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
  return {
    address: addressOf(node),
    latencyMs,
    usedBytes: figure('used_memory'),
    maxBytes: figure('maxmemory'),
    evictedKeys: figure('evicted_keys'),
    clock: {
      aheadMs: Math.round(told - (askedAt + answeredAt) / 2),
      withinMs: (answeredAt - askedAt) / 2 + 1,
    },
  }
}
