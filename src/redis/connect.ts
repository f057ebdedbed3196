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

/**
 * A Redis whose `disconnect` always ends it: ioredis leaves waiting commands pending, and never says `end`, when it
 * comes between two attempts to reconnect. The connections that BullMQ makes of it are the same.
 */
class EndingRedis extends Redis {
  override disconnect(reconnect = false): void {
    super.disconnect(reconnect)
    if (reconnect || this.status !== 'reconnecting') return
    this.connect().catch(() => undefined)
    super.disconnect()
  }

  override duplicate(override?: object): Redis {
    const copy: Redis = Reflect.construct(EndingRedis, [{ ...this.options, ...override }])
    // Whoever asked for it listens for itself; without any listener ioredis would write to the console.
    copy.on('error', () => undefined)
    return copy
  }
}

const SLOWEST_RECONNECT_MS = 5_000
const SILENCE_MS = 25_000

/**
 * A connection whose commands wait until Redis is there (`maxRetriesPerRequest: null`, which BullMQ's consumers
 * demand): callers that must not wait check `status` or set a deadline of their own.
 */
export function connectRedis(options: ConnectOptions): Redis {
  const random = options.random ?? Math.random
  const redis = new EndingRedis(options.url, {
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
  const timer = setTimeout(() => redis.disconnect(), withinMs)
  try {
    if (redis.status === 'ready') await redis.quit()
    else redis.disconnect()
  } catch {
    redis.disconnect()
  } finally {
    clearTimeout(timer)
  }
}
