// The accounts of credentials in Redis, as workers learned them from STS, by a hash of the credential's name. Adapters have no secret to ask STS with and
// choose lanes by them. A lost or wrong entry only costs a job a move between lanes.
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { credentialNameHash } from './account.ts'

export interface AccountStore {
  /** The account of a credential's name as in lane names; null if unknown. */
  read(name: string): Promise<string | null>
  write(name: string, account: string): Promise<void>
}

/** An unused credential is forgotten after this. */
const KEPT_MS = 30 * 24 * 3_600_000

export function makeAccountStore(redis: RedisClient, keys: Keys): AccountStore {
  return {
    read: (name) => redis.get(keys.account(credentialNameHash(name))),
    async write(name, account) {
      await redis.set(keys.account(credentialNameHash(name)), account, 'PX', KEPT_MS)
    },
  }
}
