// The account of access keys that AWS has told: so that adapters, which have no secret to ask with, choose the right lane at once.
// Kept by a hash of the key. What is lost or wrong only costs a job the way into its lane by another one.

import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { accessKeyHash } from './account.ts'

export interface AccountStore {
  /** The account of a key as lanes name it; null where it is not known. */
  read(accessKey: string): Promise<string | null>
  write(accessKey: string, account: string): Promise<void>
}

/** A key that nobody uses for so long is forgotten. */
const KEPT_MS = 30 * 24 * 3_600_000

export function makeAccountStore(redis: RedisClient, keys: Keys): AccountStore {
  return {
    read: (accessKey) => redis.get(keys.account(accessKeyHash(accessKey))),
    async write(accessKey, account) {
      await redis.set(keys.account(accessKeyHash(accessKey)), account, 'PX', KEPT_MS)
    },
  }
}
