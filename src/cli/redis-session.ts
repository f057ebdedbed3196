// A connection to Redis for one command, with bounds on all waits.
import { once } from 'node:events'
import { redisTarget } from '../../workers/redis.ts'
import { closeRedis, connectRedis, type RedisClient } from '../redis/connect.ts'
import { explainRedisFailure, FULL, isFull } from '../redis/explain-failure.ts'
import { describePlace } from '../redis/redis-target.ts'
import type { Settings } from '../settings/settings.ts'

const CONNECT_MS = 5_000
const LONGEST_MS = 30_000

/**
 * Does `work` on the Redis of the settings.
 * @throws Error when Redis does not answer in time, or is full.
 */
export async function withRedis<T>(
  command: string,
  settings: Settings,
  work: (redis: RedisClient) => Promise<T>,
): Promise<T> {
  const target = redisTarget(settings)
  let lastError: string | null = null
  const redis = connectRedis({
    target,
    name: `quarry-${command.replaceAll(' ', '-')}`,
    onError: (error) => {
      lastError = error.message || lastError
    },
  })
  const away = (): Error =>
    new Error(
      `Redis does not answer at ${describePlace(target.place)} (${explainRedisFailure(lastError, target)}). Set REDIS_URL, or the other settings of your Redis (docs/settings.md), as for \`quarry start\`.`,
    )
  const timer = setTimeout(() => redis.disconnect(), LONGEST_MS)
  try {
    if (redis.status !== 'ready') {
      await once(redis, 'ready', { signal: AbortSignal.timeout(CONNECT_MS) }).catch(() => {
        throw away()
      })
    }
    return await work(redis)
  } catch (error) {
    if (redis.status !== 'ready') throw away()
    throw isFull(error) ? new Error(`Redis at ${describePlace(target.place)} ${FULL}`) : error
  } finally {
    clearTimeout(timer)
    await closeRedis(redis)
  }
}
