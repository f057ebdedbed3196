// Probes whether Redis accepts writes, by a write that changes nothing: it is refused like any other.
import { Cluster } from 'ioredis'
import type { RedisClient } from './connect.ts'
import { type Keys, SHARD_NUMBERS } from './keys.ts'
import { type Ask, together } from './together.ts'

/**
 * Probes the server; in a Cluster every server with a shard of the ledger.
 * @throws Redis's error when a server refuses: full, read-only, unable to save, without its replicas, loading.
 */
export async function probeWrites(redis: RedisClient, keys: Keys): Promise<void> {
  const shards = redis instanceof Cluster ? SHARD_NUMBERS : SHARD_NUMBERS.slice(0, 1)
  await together(
    redis,
    // An empty text at offset 0: Redis does not even create the key.
    shards.map(
      (shard): Ask =>
        (on) =>
          on.setrange(keys.probe(shard), 0, ''),
    ),
  )
}
