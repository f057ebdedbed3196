// Whether Redis is there, and if not, why.
import { once } from 'node:events'
import type { RedisClient } from '../src/redis/connect.ts'
import { explainRedisFailure } from '../src/redis/explain-failure.ts'
import { describeRedis } from '../src/redis/redis-facts.ts'
import { describePlace } from '../src/redis/redis-target.ts'
import type { DependencyCheck } from '../src/telemetry/dependency-watch.ts'
import type { ProcessParts } from './role.ts'

const CONNECT_PATIENCE_MS = 1_500

const untilReady = (redis: RedisClient): Promise<unknown> =>
  once(redis, 'ready', { signal: AbortSignal.timeout(CONNECT_PATIENCE_MS) })

/** Whether Redis answers, and is one that jobs may be entrusted to. */
export function redisCheck({ redis, redisTarget, inspector }: ProcessParts): DependencyCheck {
  let lastError: string | null = null
  redis.on('error', (error: Error) => {
    // A Cluster says what kept it from its last node.
    const { lastNodeError: cause } = error as { lastNodeError?: Error }
    lastError = cause?.message ?? error.message
  })
  return {
    name: 'redis',
    address: describePlace(redisTarget.place),
    async ask() {
      if (redis.status !== 'ready') {
        await untilReady(redis).catch(() => {
          throw new Error(explainRedisFailure(lastError, redisTarget))
        })
      }
      return describeRedis(await inspector.inspect())
    },
  }
}
