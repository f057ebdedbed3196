// The list of all lanes, from which workers open lanes on demand and metrics list them.
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
  /** Time since then, ms, by the same clock. */
  readonly idleMs: number
}

/** What a worker does on messages about lanes. */
export interface LaneListener {
  /** A lane got jobs. */
  wake(lane: LaneName): void
  /** A lane that was closed for long may send again, or an operator changed it. */
  reopen(lane: LaneName): void
  /** The connection was lost, so messages may have been missed. */
  wakeAll(): void
}

export interface LaneRegistry {
  /** Deletes everything of an unregistered lane: work in progress may have written keys after it was forgotten. */
  clear(lane: LaneName): Promise<void>
  /** Records the use of a lane. Must come before its jobs are added, since nobody looks for jobs in an unknown lane. */
  touch(lane: LaneName): Promise<void>
  list(): Promise<readonly RegisteredLane[]>
  /** The number of lanes. */
  count(): Promise<number>
  /** Gives a lane one of `most` places, unless all are taken. */
  enter(lane: LaneName, most: number): Promise<{ readonly entered: boolean; readonly lanes: number }>
  /** Counts answered jobs of a lane. */
  countAnswered(lane: LaneName, jobs: number): Promise<void>
  /** Answered jobs of a lane, counted from any start. */
  answered(lane: LaneName): Promise<number>
  /**
   * Deletes a lane that has not been used since `usedAtMs`, with all its keys. Returns false, and deletes nothing, if it has jobs or
   * overrides of an operator.
   */
  forget(lane: Pick<RegisteredLane, 'name' | 'usedAtMs'>): Promise<boolean>
  /** Calls the listener on messages about lanes. The connection must be used for subscriptions only. */
  subscribe(connection: RedisClient, listener: LaneListener): Promise<void>
}

/**
 * The keys that are deleted with a lane: BUSY, which exist only while it is in use, and REST. Keys of jobs that are back with Zeebe are
 * in away/away-store.ts; keys of single jobs are gone when BUSY is.
 */
const BUSY = [
  ...['wait', 'paused', 'active', 'prioritized', 'delayed', 'waiting-children', 'completed', 'failed'],
  'wishes',
]
const REST = [
  ...['meta', 'id', 'events', 'pc', 'marker', 'stalled', 'stalled-check', 'limiter', 'repeat', 'de', ''],
  ...['metrics:completed', 'metrics:completed:data', 'metrics:failed', 'metrics:failed:data'],
  ...['pace', 'calls', 'flows', 'tenants', 'ranks', 'turns', 'budget-waits', 'recent'],
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
    async countAnswered(lane, jobs) {
      await redis.hincrby(keys.answered, lane, jobs)
    },
    answered: async (lane) => Number((await redis.hget(keys.answered, lane)) ?? 0),
    async enter(lane, most) {
      const [entered, lanes] = (await script('enter-lane')(keys.lanes, lane, most)) as [number, number]
      return { entered: entered === 1, lanes }
    },
    async forget({ name, usedAtMs }) {
      // Keys first, the registration second: they are in different slots, and a lane that gets jobs in between is registered again.
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
