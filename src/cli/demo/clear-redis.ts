// Removes what the demo left on a Redis that it did not start.
import { redisTarget } from '../../../workers/redis.ts'
import { closeRedis, connectRedis } from '../../redis/connect.ts'
import type { Settings } from '../../settings/settings.ts'

const AT_A_TIME = 500

/** Deletes all keys of the demo's own prefix. Call it after Quarry has stopped. @throws Error of Redis */
export async function clearRedis(settings: Settings): Promise<void> {
  const { prefix } = settings.redis
  const redis = connectRedis({ target: redisTarget(settings), name: 'quarry-demo', onError: () => undefined })
  try {
    const nodes = 'nodes' in redis ? redis.nodes('master') : [redis]
    for (const node of nodes) {
      const found = node.scanStream({ match: `${prefix}*`, count: AT_A_TIME })
      // One by one: in a Cluster they may be of different slots.
      for await (const names of found as AsyncIterable<string[]>)
        await Promise.all(names.map((name) => redis.unlink(name)))
    }
  } finally {
    await closeRedis(redis)
  }
}
