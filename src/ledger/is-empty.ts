// Whether the ledger holds anything at all, by one or two commands: an idle process asks this before it looks at all shards.
import type { RedisClient } from '../redis/connect.ts'
import { type Keys, SHARD_NUMBERS } from '../redis/keys.ts'
import { anyExists, getAll } from '../redis/together.ts'

/** Whether any job is accepted and not answered. */
export function holdsAny(redis: RedisClient, keys: Keys): Promise<boolean> {
  return anyExists(redis, SHARD_NUMBERS.map(keys.held))
}

/** Whether outcomes may wait for Zeebe: their bytes are counted, with those of jobs held. */
export async function mayHaveOutcomes(redis: RedisClient, keys: Keys): Promise<boolean> {
  const bytes = await getAll(redis, SHARD_NUMBERS.map(keys.bytes))
  return bytes.some((count) => count !== null && count !== '0')
}

/** Whether no job is held and no outcome waits. */
export async function isEmpty(redis: RedisClient, keys: Keys): Promise<boolean> {
  const [holds, outcomes] = await Promise.all([holdsAny(redis, keys), mayHaveOutcomes(redis, keys)])
  return !holds && !outcomes
}
