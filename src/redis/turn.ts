// One process at a time: who has the turn keeps it while it asks.
import type { RedisClient } from './connect.ts'

/** Without a word of whoever has the turn, another has it. */
const TURN_MS = 10_000

/** Tells whether it is the turn of this process, now. `name` is unique to it. */
export function makeTurn(redis: RedisClient, key: string, name: string): () => Promise<boolean> {
  return async () => {
    if ((await redis.set(key, name, 'PX', TURN_MS, 'NX')) === 'OK') return true
    if ((await redis.get(key)) !== name) return false
    await redis.pexpire(key, TURN_MS)
    return true
  }
}
