// Calls that must go ahead of others like them: Bedrock prepares something at the first (it compiles a schema, it writes a cache), and the others
// would wait there, or pay for it again. One goes ahead across all workers. While it lasts, it renews its key; the key of a worker that
// died lapses.
import { randomUUID } from 'node:crypto'
import type { LaneName } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { loadScripts } from '../redis/scripts.ts'

/** A call that goes ahead. */
export interface FirstCall {
  /** Must be called at its end. @param keepMs - how long others need not wait; 0: the next call goes ahead instead. */
  ended(keepMs: number): Promise<void>
}

export interface FirstCalls {
  /** @param what - what is prepared, by a short name. `known`: it is prepared. `wait`: another call goes ahead. */
  enter(lane: LaneName, what: string): Promise<'known' | 'wait' | FirstCall>
  /**
   * The same, with a short wait: `wait` only until `waitMs` after that call has gone ahead.
   * @param keepMs - how long what it prepares is kept, at the least.
   */
  enterBriefly(
    lane: LaneName,
    what: string,
    times: { readonly waitMs: number; readonly keepMs: number },
  ): Promise<'known' | 'wait' | FirstCall>
  /** Keeps it for longer, as what it stands for was used. */
  keep(lane: LaneName, what: string, keepMs: number): Promise<void>
}

/** Must be several times {@link RENEW_MS}: a worker that is busy, or waits for Redis, would lose its key. */
const HOLD_MS = 20_000
const RENEW_MS = 5_000
const KNOWN = 'known'

export function makeFirstCalls(redis: RedisClient, keys: Keys): FirstCalls {
  const script = loadScripts(redis, import.meta.url, { 'hold-first': 1 })
  return {
    async enter(lane, what) {
      const key = keys.firstCall(lane, what)
      const name = randomUUID()
      if ((await redis.set(key, name, 'PX', HOLD_MS, 'NX')) === null)
        return (await redis.get(key)) === KNOWN ? 'known' : 'wait'
      // Ends with the call. A renewal that fails is repeated by the next one.
      const renewal = setInterval(
        () => void script('hold-first')(key, name, name, HOLD_MS).catch(() => undefined),
        RENEW_MS,
      )
      return {
        async ended(keepMs) {
          clearInterval(renewal)
          await script('hold-first')(key, name, KNOWN, keepMs)
        },
      }
    },
    async enterBriefly(lane, what, { waitMs, keepMs }) {
      const key = keys.firstCall(lane, what)
      const name = randomUUID()
      if ((await redis.set(key, name, 'PX', keepMs, 'NX')) !== null)
        return {
          async ended(knownMs) {
            await script('hold-first')(key, name, KNOWN, knownMs)
          },
        }
      const [by, leftMs] = await Promise.all([redis.get(key), redis.pttl(key)])
      return by !== null && by !== KNOWN && leftMs > keepMs - waitMs ? 'wait' : 'known'
    },
    async keep(lane, what, keepMs) {
      await script('hold-first')(keys.firstCall(lane, what), KNOWN, KNOWN, keepMs)
    },
  }
}
