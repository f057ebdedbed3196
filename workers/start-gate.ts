// Roles start when Redis is one that jobs may be entrusted to, and not before. One that stays unfit until somebody
// changes its settings ends the process; one that is away is waited for.
import { once } from 'node:events'
import { RefusedRedisError } from '../src/redis/inspect-redis.ts'
import { pause, within } from '../src/time/bounded-wait.ts'
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
    else await within(LOOK_AGAIN_MS, once(redis, 'ready', { signal: stopping }))
  }
  return false
}
