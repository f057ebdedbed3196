// Roles only start once Redis is safe for jobs. A Redis that is unfit until somebody changes its settings ends the process; one that is
// away is waited for.
import { type EventEmitter, once } from 'node:events'
import { RefusedRedisError } from '../src/redis/inspect-redis.ts'
import { pause } from '../src/time/bounded-wait.ts'
import type { ProcessParts } from './role.ts'

const LOOK_AGAIN_MS = 500

/**
 * Waits for Redis.
 * @returns false if waiting was given up.
 * @throws RefusedRedisError when it must not be used.
 */
export async function untilRedisIsFit(
  { redis, inspector }: Pick<ProcessParts, 'redis' | 'inspector'>,
  stopping: AbortSignal,
): Promise<boolean> {
  while (!stopping.aborted) {
    try {
      if (redis.status === 'ready') {
        await inspector.inspect()
        return !stopping.aborted
      }
    } catch (error) {
      // The dependency watch reports why Redis is away.
      if (error instanceof RefusedRedisError && error.lasting) throw error
    }
    if (redis.status === 'ready') await pause(LOOK_AGAIN_MS, stopping)
    else await untilReady(redis, AbortSignal.any([stopping, AbortSignal.timeout(LOOK_AGAIN_MS)]))
  }
  return false
}

/** Waits until Redis is ready, an error event says why it is not, or the signal is aborted. Unlike a race, it leaves no listener. */
async function untilReady(redis: EventEmitter, signal: AbortSignal): Promise<void> {
  await once(redis, 'ready', { signal }).catch(() => undefined)
}
