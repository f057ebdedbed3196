// The accounts of access keys in Redis, as workers learned them from STS, by a hash of the key. Adapters have no secret to ask STS with and
// choose lanes by them. A lost or wrong entry only costs a job a move between lanes.
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { accessKeyHash } from './account.ts'

export interface AccountStore {
  /** The account of a key as in lane names; null if unknown. */
  read(accessKey: string): Promise<string | null>
  write(accessKey: string, account: string): Promise<void>
}

/** An unused key is forgotten after this. */
const KEPT_MS = 30 * 24 * 3_600_000

export function makeAccountStore(redis: RedisClient, keys: Keys): AccountStore {
  return {
    read: (accessKey) => redis.get(keys.account(accessKeyHash(accessKey))),
    async write(accessKey, account) {
      await redis.set(keys.account(accessKeyHash(accessKey)), account, 'PX', KEPT_MS)
    },
  }
}
