// The jobs that went back to Zeebe for a while, since their lane has its share of the backlog, in the order in which they
// were first seen: known to all adapters, as each job may come to another one than before. They hold no payload, and what is
// lost of them costs an order at the most: Zeebe offers each job again when its time is over.
import type { JobKey, LaneName } from '../job/ids.ts'
import type { RedisClient } from './connect.ts'
import type { Keys } from './keys.ts'
import { loadScripts } from './scripts.ts'

export interface AwayLook {
  /** Jobs that are away and were not called back. */
  readonly away: number
  /** Jobs that were called back and have not come. */
  readonly recalled: number
  /** Jobs whose time is over and that Zeebe has hardly had the time to hand out again. */
  readonly onTheirWay: number
}

/** A job that has come. */
export interface Arrival {
  /** Its place among those that have been away, smaller is older; null: it has not been. */
  readonly order: number | null
  readonly recalled: boolean
  /** How many that are away are older. */
  readonly older: number
}

export interface Leaving {
  readonly key: JobKey
  /** As it had it at its arrival. */
  readonly order: number | null
  readonly awayMs: number
}

export interface AwayStore {
  look(lane: LaneName): Promise<AwayLook>
  /** In the order of the jobs. None of them is away any more. */
  arrive(lane: LaneName, jobs: readonly JobKey[]): Promise<readonly Arrival[]>
  /** To be called once Zeebe knows that they go: one that is called back before would be away all the same. */
  leave(lane: LaneName, jobs: readonly Leaving[]): Promise<void>
  /** Takes the `most` oldest, to be called back: no other adapter is given them. */
  recall(lane: LaneName, most: number): Promise<readonly JobKey[]>
  /** Zeebe does not know a job any more. */
  forget(lane: LaneName, key: JobKey): Promise<void>
  /** The lanes that may have jobs that are away. */
  lanes(): Promise<readonly LaneName[]>
  /** A lane has none. */
  dropLane(lane: LaneName): Promise<void>
}

/** More jobs of a lane than these are not remembered: they come back by themselves, in any order. */
const MOST_KNOWN = 100_000
/** Longer than any job is away. */
const KEPT_MS = 1_200_000
/** Zeebe looks once a second for leases that have ended, and then the job is to be handed out. */
const ON_ITS_WAY_MS = 1_200
/** One that was due and did not come by then may have ended: it is not waited for, but has its order when it comes. */
const LATE_MS = 10_000
const MOST_LATE = 10_000

export function makeAwayStore(redis: RedisClient, keys: Keys): AwayStore {
  const script = loadScripts(redis, {
    'away-look': 4,
    'away-arrive': 4,
    'away-leave': 4,
    'away-recall': 4,
  })
  const where = (lane: LaneName): string[] =>
    ['away', 'away-recalled', 'away-due', 'away-late'].map((name) => keys.queueKey(lane, name))
  return {
    async look(lane) {
      const reply = await script('away-look')(...where(lane), ON_ITS_WAY_MS)
      const [away = 0, recalled = 0, onTheirWay = 0] = reply as number[]
      return { away, recalled, onTheirWay }
    },
    async arrive(lane, jobs) {
      const reply = (await script('away-arrive')(...where(lane), ...jobs)) as (string | number)[]
      return jobs.map((_, index) => {
        const [order, recalled, older] = reply.slice(index * 3)
        return { order: order === '' ? null : Number(order), recalled: recalled === 1, older: Number(older) }
      })
    },
    async leave(lane, jobs) {
      if (jobs.length === 0) return
      await redis.sadd(keys.awayLanes, lane)
      const each = jobs.flatMap(({ key, order, awayMs }) => [key, order ?? '', awayMs])
      await script('away-leave')(...where(lane), MOST_KNOWN, KEPT_MS, ...each)
    },
    async recall(lane, most) {
      return (await script('away-recall')(...where(lane), most, LATE_MS, MOST_LATE)) as JobKey[]
    },
    async forget(lane, key) {
      await script('away-arrive')(...where(lane), key)
    },
    lanes: async () => (await redis.smembers(keys.awayLanes)) as LaneName[],
    async dropLane(lane) {
      await redis.srem(keys.awayLanes, lane)
    },
  }
}
