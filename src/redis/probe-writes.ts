// Whether Redis takes changes, asked by one that changes nothing: it is refused as any other is.
import { Cluster } from 'ioredis'
import type { RedisClient } from './connect.ts'
import { type Keys, SHARD_NUMBERS } from './keys.ts'
import { type Ask, together } from './together.ts'

/**
 * Asks; of a Cluster, every server that has a shard of the jobs' state.
 * @throws Error as Redis gives it, when a server refuses: full, read-only, unable to save, without its replicas, loading.
 */
export async function probeWrites(redis: RedisClient, keys: Keys): Promise<void> {
  const shards = redis instanceof Cluster ? SHARD_NUMBERS : SHARD_NUMBERS.slice(0, 1)
  await together(
    redis,
    // Nothing, put to the beginning of nothing: the key is not even made.
    shards.map(
      (shard): Ask =>
        (on) =>
          on.setrange(keys.probe(shard), 0, ''),
    ),
  )
}
