// Operators' live changes of lanes, one hash a lane. The pace reads them at each grant, adapters at each look at a lane, so they apply to
// all processes at once and survive restarts.
import type { LaneName } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { loadScripts } from '../redis/scripts.ts'
import { FIGURES, type LaneOverrides, type OverrideChange } from './lane-overrides.ts'

export interface OverrideStore {
  /** Sets and removes overrides. @param by who does it, `user@host`. */
  set(lane: LaneName, change: OverrideChange, by: string): Promise<void>
  /** Removes all overrides. */
  clear(lane: LaneName): Promise<void>
  read(lane: LaneName): Promise<LaneOverrides>
  /** Keeps a lane among {@link remembered}, whether it has overrides or not. */
  remember(lane: LaneName): Promise<void>
  /** Takes a lane out of {@link remembered}, unless it has overrides. */
  forget(lane: LaneName): Promise<void>
  /**
   * Lanes that operators have changed. They must be found even if they get no jobs and the registry has forgotten them.
   */
  remembered(): Promise<readonly LaneName[]>
}

export function makeOverrideStore(redis: RedisClient, keys: Keys): OverrideStore {
  const script = loadScripts(redis, import.meta.url, { 'set-overrides': 3 })
  return {
    async set(lane, change, by) {
      const { draining } = change
      const fields = [
        ...FIGURES.map((name) => [name, change[name]] as const),
        ['draining', draining === true ? 1 : draining] as const,
      ].flatMap(([name, value]) => (value === undefined ? [] : [name, value ?? '']))
      // Before the overrides, which are in another slot: a lane that is remembered without overrides does no harm.
      await redis.sadd(keys.rememberedLanes, lane)
      const where = [keys.overrides(lane), keys.pace(lane), keys.queueKey(lane, 'limiter')]
      await script('set-overrides')(...where, by, ...fields)
      await redis.publish(keys.laneOpenedChannel, lane)
    },
    async clear(lane) {
      await redis.del(keys.overrides(lane))
    },
    read: async (lane) => readOverrides(new Map(Object.entries(await redis.hgetall(keys.overrides(lane))))),
    async remember(lane) {
      await redis.sadd(keys.rememberedLanes, lane)
    },
    async forget(lane) {
      if ((await redis.exists(keys.overrides(lane))) === 0) await redis.srem(keys.rememberedLanes, lane)
    },
    remembered: async () => (await redis.smembers(keys.rememberedLanes)) as LaneName[],
  }
}

export function readOverrides(fields: ReadonlyMap<string, string>): LaneOverrides {
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
