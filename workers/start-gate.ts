// Roles start when Redis is one that jobs may be entrusted to, and not before. One that stays unfit until somebody
// changes its settings ends the process; one that is away is waited for.
import { once } from 'node:events'
import { RefusedRedisError } from '../src/redis/inspect-redis.ts'
import { pause } from '../src/time/bounded-wait.ts'
import type { ProcessParts } from './role.ts'

const LOOK_AGAIN_MS = 500

/**
 * Waits for Redis.
 * @returns false when it was given up.
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
      // Why it is away is what the dependency watch tells.
      if (error instanceof RefusedRedisError && error.lasting) throw error
    }
    if (redis.status === 'ready') await pause(LOOK_AGAIN_MS, stopping)
    else await readyWithin(LOOK_AGAIN_MS, redis, stopping)
  }
  return false
}

/** Resolves when it is ready, when it tells an error, and after `ms`; leaves no listener behind. */
async function readyWithin(ms: number, redis: ProcessParts['redis'], stopping: AbortSignal): Promise<void> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(ms)])
  await once(redis, 'ready', { signal }).catch(() => undefined)
}
