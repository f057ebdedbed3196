// What tests of Redis's forms start for themselves: the redis-server that the embedded parts use.

import { silentProgress } from '../../embedded/parts.ts'
import { findRedis, type RedisSource } from '../../embedded/redis/find-redis.ts'

/** How parts are started in tests. */
export const QUIETLY = { env: process.env, progress: silentProgress }

/** @throws Error when there is no redis-server, and no way to one. */
export async function redisSource(): Promise<RedisSource> {
  const source = await findRedis(process.env)
  if (typeof source === 'string') throw new Error(`These tests start Redis themselves, but ${source}`)
  return source
}
