// Whether Redis is there, and if not, why.
import { once } from 'node:events'
import type { RedisClient } from '../src/redis/connect.ts'
import { explainRedisFailure, explainRefusal } from '../src/redis/explain-failure.ts'
import { RefusedRedisError } from '../src/redis/inspect-redis.ts'
import { probeWrites } from '../src/redis/probe-writes.ts'
import { describeRedis } from '../src/redis/redis-facts.ts'
import { describePlace } from '../src/redis/redis-target.ts'
import type { DependencyCheck } from '../src/telemetry/dependency-watch.ts'
import { isRefusedByRedis } from '../src/telemetry/redis-trouble.ts'
import type { ProcessParts } from './role.ts'

const CONNECT_PATIENCE_MS = 1_500

const untilReady = (redis: RedisClient): Promise<unknown> =>
  once(redis, 'ready', { signal: AbortSignal.timeout(CONNECT_PATIENCE_MS) })

/** Whether Redis answers, is one that jobs may be entrusted to, and takes changes. */
export function redisCheck({ redis, redisTarget, inspector, keys, events }: ProcessParts): DependencyCheck {
  // What was refused since it was asked last: the log has one line of it, however short it was.
  let refusal: string | null = null
  const note = ({ error }: { readonly error: unknown }): void => {
    if (error instanceof Error && isRefusedByRedis(error)) refusal = error.message
  }
  events.on('fault', note)
  events.on('jobFault', note)
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
      const report = await inspector.inspect()
      await probeWrites(redis, keys).catch((error: unknown) => {
        if (!isRefusedByRedis(error)) throw error
        note({ error })
      })
      const said = refusal
      refusal = null
      if (said !== null) throw new RefusedRedisError(explainRefusal(said), { lasting: false })
      return describeRedis(report)
    },
  }
}
