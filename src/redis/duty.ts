// What one process at a time does for all: who has the duty keeps it while it asks.
import type { RedisClient } from './connect.ts'

/** Without a word of whoever has the duty, another has it. */
const KEPT_MS = 10_000

/** Tells whether this process is on duty, now. `name` is unique to it. */
export function makeDuty(redis: RedisClient, key: string, name: string): () => Promise<boolean> {
  return async () => {
    if ((await redis.set(key, name, 'PX', KEPT_MS, 'NX')) === 'OK') return true
    if ((await redis.get(key)) !== name) return false
    await redis.pexpire(key, KEPT_MS)
    return true
  }
}
