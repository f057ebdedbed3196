// What a BullMQ worker speaks to Redis with: the connection that all lanes share, and one of its own that waits for jobs. BullMQ
// would define its sixty scripts on that one, too, which runs none of them: with hundreds of lanes they are most of the memory that
// lanes take.
import { type BackendFactory, QueueKeys, RedisConnection, RedisQueueBackend } from 'bullmq'
import { duplicateRedis, type RedisClient } from '../redis/connect.ts'

class WaitingConnection extends RedisConnection {
  protected override loadCommands(): void {
    // It waits, and runs no script.
  }
}

/** As BullMQ's own, for a worker: https://github.com/taskforcesh/bullmq/blob/master/src/utils/create-backend.ts */
export function workerBackend(redis: RedisClient, prefix: string): BackendFactory<RedisQueueBackend> {
  const keys = new QueueKeys(prefix)
  return (name, options) => {
    // By this name others see in Redis that the lane is served.
    const waiting = duplicateRedis(redis, `${prefix}:${Buffer.from(name).toString('base64')}`)
    return new RedisQueueBackend(
      new RedisConnection(redis, { shared: true, blocking: false }),
      name,
      keys.getKeys(name),
      (type) => keys.toKey(name, type),
      options,
      new WaitingConnection(waiting, { shared: false, blocking: true }),
    )
  }
}
