// Operators' live changes of lanes, one hash a lane. The pace reads them at each grant, adapters at each look at a lane, so they apply to
// all processes at once and survive restarts.
import type { LaneName } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { loadScripts } from '../redis/scripts.ts'
import { FIGURES, type LaneWishes, type WishChange } from './lane-wishes.ts'

export interface WishStore {
  /** Sets and removes wishes. @param by who does it, `user@host`. */
  set(lane: LaneName, change: WishChange, by: string): Promise<void>
  /** Removes all wishes. */
  clear(lane: LaneName): Promise<void>
  read(lane: LaneName): Promise<LaneWishes>
  /** Keeps a lane among {@link held}, whether it has wishes or not. */
  hold(lane: LaneName): Promise<void>
  /** Takes a lane out of {@link held}, unless it has wishes. */
  release(lane: LaneName): Promise<void>
  /**
   * Lanes that operators have changed. They must be found even if they get no jobs and the registry has forgotten them.
   */
  held(): Promise<readonly LaneName[]>
}

export function makeWishStore(redis: RedisClient, keys: Keys): WishStore {
  const script = loadScripts(redis, import.meta.url, { 'set-wishes': 3 })
  return {
    async set(lane, change, by) {
      const { draining } = change
      const fields = [
        ...FIGURES.map((name) => [name, change[name]] as const),
        ['draining', draining === true ? 1 : draining] as const,
      ].flatMap(([name, value]) => (value === undefined ? [] : [name, value ?? '']))
      // Before the wishes, which are in another slot: a lane that is held without wishes does no harm.
      await redis.sadd(keys.heldLanes, lane)
      const where = [keys.wishes(lane), keys.pace(lane), keys.queueKey(lane, 'limiter')]
      await script('set-wishes')(...where, by, ...fields)
      await redis.publish(keys.laneOpenedChannel, lane)
    },
    async clear(lane) {
      await redis.del(keys.wishes(lane))
    },
    read: async (lane) => readWishes(new Map(Object.entries(await redis.hgetall(keys.wishes(lane))))),
    async hold(lane) {
      await redis.sadd(keys.heldLanes, lane)
    },
    async release(lane) {
      if ((await redis.exists(keys.wishes(lane))) === 0) await redis.srem(keys.heldLanes, lane)
    },
    held: async () => (await redis.smembers(keys.heldLanes)) as LaneName[],
  }
}

export function readWishes(fields: ReadonlyMap<string, string>): LaneWishes {
  const figure = (name: string): number | null => {
    const value = Number(fields.get(name))
    return Number.isFinite(value) && value > 0 ? value : null
  }
  return {
    requestsPerMinute: figure('requestsPerMinute'),
    tokensPerMinute: figure('tokensPerMinute'),
    concurrency: figure('concurrency'),
    draining: fields.has('draining'),
    atMs: figure('at'),
    by: fields.get('by') ?? null,
  }
}
