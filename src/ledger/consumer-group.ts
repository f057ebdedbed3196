// Consumer groups, whose readers share the entries of a stream.
import type { RedisClient } from '../redis/connect.ts'

/** Creates a group that reads a stream from its beginning, and the stream, if they are missing. */
export async function makeConsumerGroup(redis: RedisClient, stream: string, group: string): Promise<void> {
  try {
    await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM')
  } catch (error) {
    if (!String(error).includes('BUSYGROUP')) throw error
  }
}
