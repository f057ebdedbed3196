// Connections to Redis. Every connection has an error listener and comes back by itself, with jitter, for ever.
import { Redis } from 'ioredis'

export interface ConnectOptions {
  /** `redis://` or `rediss://` URL. */
  readonly url: string
  /** Shows up in CLIENT LIST. */
  readonly name: string
  /** Told of every error; ioredis reconnects by itself. */
  readonly onError: (error: Error) => void
  readonly random?: () => number
}

const SLOWEST_RECONNECT_MS = 5_000
const SILENCE_MS = 25_000

/**
 * A connection whose commands wait until Redis is there (`maxRetriesPerRequest: null`, which BullMQ's consumers
 * demand): callers that must not wait check `status` or set a deadline of their own.
 */
export function connectRedis(options: ConnectOptions): Redis {
  const random = options.random ?? Math.random
  const redis = new Redis(options.url, {
    connectionName: options.name,
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
    // A connection that is silent while commands wait is dead; longer than any command of ours or BullMQ's blocks.
    socketTimeout: SILENCE_MS,
    // Full jitter, so that many pods do not come back in one wave.
    retryStrategy: (times) =>
      Math.round((0.1 + 0.9 * random()) * Math.min(SLOWEST_RECONNECT_MS, 100 * 2 ** Math.min(times, 10))),
  })
  redis.on('error', options.onError)
  return redis
}

/** Closes in order, or at once when Redis does not answer within `withinMs`. Idempotent. */
export async function closeRedis(redis: Redis, withinMs = 2_000): Promise<void> {
  if (redis.status === 'end') return
  const timer = setTimeout(() => cutRedis(redis), withinMs)
  try {
    if (redis.status === 'ready') await redis.quit()
    else cutRedis(redis)
  } catch {
    cutRedis(redis)
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Ends a connection for good, whatever it is doing: commands that wait for Redis reject. ioredis's own disconnect
 * leaves them pending when it comes between two attempts to reconnect.
 */
export function cutRedis(redis: Redis): void {
  redis.disconnect()
  if (redis.status !== 'reconnecting') return
  redis.connect().catch(() => undefined)
  redis.disconnect()
}
