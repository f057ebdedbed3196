// Which lanes there are, so that workers can open them on demand and metrics can list them.
import type { LaneName } from '../job/ids.ts'
import type { RedisClient } from './connect.ts'
import type { Keys } from './keys.ts'
import { makeListen } from './listen.ts'
import { loadScripts } from './scripts.ts'

export interface RegisteredLane {
  readonly name: LaneName
  /** When a job was last put into it, ms since the epoch, by the clock of Redis. */
  readonly usedAtMs: number
  /** For how long none was, ms, by the same clock. */
  readonly idleMs: number
}

export interface LaneRegistry {
  /** Notes that jobs are put into a lane, before they are, and wakes workers that may not have it open. */
  touch(lane: LaneName): Promise<void>
  list(): Promise<readonly RegisteredLane[]>
  /** Counts a job of a lane that was answered. */
  countAnswered(lane: LaneName): Promise<void>
  /** Jobs of a lane that were answered, from any start. */
  answered(lane: LaneName): Promise<number>
  /** Removes a lane that has not been used since `usedAtMs`. */
  forget(lane: Pick<RegisteredLane, 'name' | 'usedAtMs'>): Promise<void>
  /** Calls `onWake` when a quiet lane gets jobs, on a connection of its own. */
  subscribe(connection: RedisClient, onWake: (lane: LaneName) => void): Promise<void>
}

export function makeLaneRegistry(redis: RedisClient, keys: Keys): LaneRegistry {
  const script = loadScripts(redis, { 'forget-lane': 1, 'touch-lane': 1, 'list-lanes': 1 })
  const listen = makeListen()
  return {
    async touch(lane) {
      await script('touch-lane')(keys.lanes, lane, keys.laneChannel)
    },
    async list() {
      const [now, flat] = (await script('list-lanes')(keys.lanes)) as [number, string[]]
      const lanes: RegisteredLane[] = []
      for (let index = 0; index + 1 < flat.length; index += 2) {
        const usedAtMs = Number(flat[index + 1])
        lanes.push({ name: flat[index] as LaneName, usedAtMs, idleMs: Math.max(0, now - usedAtMs) })
      }
      return lanes
    },
    async countAnswered(lane) {
      await redis.hincrby(keys.answered, lane, 1)
    },
    answered: async (lane) => Number((await redis.hget(keys.answered, lane)) ?? 0),
    async forget(lane) {
      const forgotten = await script('forget-lane')(keys.lanes, lane.name, lane.usedAtMs)
      if (forgotten === 1) await redis.hdel(keys.answered, lane.name)
    },
    async subscribe(connection, onWake) {
      await listen(connection, keys.laneChannel, (lane) => onWake(lane as LaneName))
    },
  }
}
