// Which lanes there are, so that workers can open them on demand and metrics can list them.
import type { LaneName } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { makeListen } from '../redis/listen.ts'
import { loadScripts } from '../redis/scripts.ts'
import { awayOfLane } from './away/away-store.ts'

export interface RegisteredLane {
  readonly name: LaneName
  /** When a job was last put into it, ms since the epoch, by the clock of Redis. */
  readonly usedAtMs: number
  /** For how long none was, ms, by the same clock. */
  readonly idleMs: number
}

/** Who is told of lanes. */
export interface LaneListener {
  /** A lane got jobs. */
  wake(lane: LaneName): void
  /** A lane that was closed for long may be sent from, or an operator changed it. */
  reopen(lane: LaneName): void
  /** Something may have been told that was not heard, as the connection was away. */
  wakeAll(): void
}

export interface LaneRegistry {
  /** Deletes all that Redis holds of a lane that is not registered, as what was under way when it was forgotten may have left something. */
  clear(lane: LaneName): Promise<void>
  /** Notes that jobs are put into a lane, before they are: nobody would look for jobs in one that is not known. */
  touch(lane: LaneName): Promise<void>
  list(): Promise<readonly RegisteredLane[]>
  /** How many lanes there are. */
  count(): Promise<number>
  /** Gives a lane a place among `most`, unless they are taken; also tells how many lanes there are. */
  enter(lane: LaneName, most: number): Promise<{ readonly entered: boolean; readonly lanes: number }>
  /** Counts a job of a lane that was answered. */
  countAnswered(lane: LaneName): Promise<void>
  /** Jobs of a lane that were answered, from any start. */
  answered(lane: LaneName): Promise<number>
  /**
   * Removes a lane that has not been used since `usedAtMs`, and all that Redis holds of it. A lane with jobs or with wishes of an operator
   * stays: false.
   */
  forget(lane: Pick<RegisteredLane, 'name' | 'usedAtMs'>): Promise<boolean>
  /** Tells what lanes there is news of, on a connection of its own. */
  subscribe(connection: RedisClient, listener: LaneListener): Promise<void>
}

/**
 * The keys of a lane, which are deleted with it: BullMQ's and ours that are there only while it is in use, all others, those of jobs
 * that are back with Zeebe (away/away-store.ts), and none of single jobs, which go with these.
 */
const BUSY = [
  ...['wait', 'paused', 'active', 'prioritized', 'delayed', 'waiting-children', 'completed', 'failed'],
  'wishes',
]
const REST = [
  ...['meta', 'id', 'events', 'pc', 'marker', 'stalled', 'stalled-check', 'limiter', 'repeat', 'de', ''],
  ...['metrics:completed', 'metrics:completed:data', 'metrics:failed', 'metrics:failed:data'],
  ...['pace', 'calls', 'flows', 'tenants', 'ranks', 'turns', 'budget-waits'],
]

export function makeLaneRegistry(redis: RedisClient, keys: Keys): LaneRegistry {
  const script = loadScripts(redis, import.meta.url, {
    ...{ 'forget-lane': 1, 'touch-lane': 1, 'list-lanes': 1, 'enter-lane': 1 },
    'clear-lane': BUSY.length + REST.length,
  })
  const [woken, opened] = [makeListen(), makeListen()]
  const clear = async (lane: LaneName): Promise<boolean> => {
    const where = [...BUSY, ...REST].map((each) => keys.queueKey(lane, each))
    const away = await awayOfLane(redis, keys, lane)
    if (away.some || (await script('clear-lane')(...where, BUSY.length)) !== 1) return false
    await away.clear()
    return true
  }
  return {
    async clear(lane) {
      if ((await redis.zscore(keys.lanes, lane)) === null) await clear(lane)
    },
    async touch(lane) {
      await script('touch-lane')(keys.lanes, lane)
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
    count: () => redis.zcard(keys.lanes),
    async countAnswered(lane) {
      await redis.hincrby(keys.answered, lane, 1)
    },
    answered: async (lane) => Number((await redis.hget(keys.answered, lane)) ?? 0),
    async enter(lane, most) {
      const [entered, lanes] = (await script('enter-lane')(keys.lanes, lane, most)) as [number, number]
      return { entered: entered === 1, lanes }
    },
    async forget({ name, usedAtMs }) {
      // First, as the two are in different slots: a lane that gets jobs just then is noted again before they are added.
      if (!(await clear(name))) return false
      if ((await script('forget-lane')(keys.lanes, name, usedAtMs)) !== 1) return false
      await redis.hdel(keys.answered, name)
      return true
    },
    async subscribe(connection, { wake, reopen, wakeAll }) {
      await woken(connection, keys.laneChannel, (lane) => wake(lane as LaneName))
      await opened(connection, keys.laneOpenedChannel, (lane) => reopen(lane as LaneName))
      connection.on('ready', wakeAll)
    },
  }
}
