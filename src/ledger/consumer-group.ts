// Consumer groups of streams, whose readers share the entries.
import type { RedisClient } from '../redis/connect.ts'

/** Makes a group that reads a stream from its beginning, where it is missing; the stream, too. */
export async function makeConsumerGroup(redis: RedisClient, stream: string, group: string): Promise<void> {
  try {
    await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM')
  } catch (error) {
    if (!String(error).includes('BUSYGROUP')) throw error
  }
}
