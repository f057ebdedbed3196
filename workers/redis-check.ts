// Whether Redis answers, and if not, why.
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
/** Redis is taken to accept writes again after this long without a refusal: when nearly full, it refuses only now and then. */
const QUIET_MS = 5_000

const untilReady = (redis: RedisClient): Promise<unknown> =>
  once(redis, 'ready', { signal: AbortSignal.timeout(CONNECT_PATIENCE_MS) })

/** Whether Redis answers, is safe for jobs, and accepts writes. */
export function redisCheck({ redis, redisTarget, inspector, keys, events }: ProcessParts): DependencyCheck {
  let refusal = { message: '', at: Number.NEGATIVE_INFINITY }
  const note = ({ error }: { readonly error: unknown }): void => {
    if (error instanceof Error && isRefusedByRedis(error))
      refusal = { message: error.message, at: performance.now() }
  }
  const noted = (error: unknown): undefined => {
    if (!isRefusedByRedis(error)) throw error
    note({ error })
  }
  events.on('fault', note)
  events.on('jobFault', note)
  let lastError: string | null = null
  redis.on('error', (error: Error) => {
    // A Cluster's error carries the reason of its last node.
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
      // A Redis that cannot save refuses even PING.
      const report = await inspector.inspect().catch(noted)
      await probeWrites(redis, keys).catch(noted)
      if (report === undefined || performance.now() - refusal.at < QUIET_MS)
        throw new RefusedRedisError(explainRefusal(refusal.message), { lasting: false })
      return describeRedis(report)
    },
  }
}
