// Jobs that went back to Zeebe for a while, since their lane has its share of the backlog, in the order in which they were first seen.
// Shared by all adapters, since a job may come back to another one. Only keys are stored; if they are lost, jobs lose their order and
// nothing else, as Zeebe offers each job again when its time is over.
import type { JobKey, LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import { loadScripts } from '../../redis/scripts.ts'
import { type Ask, together } from '../../redis/together.ts'

/** Jobs of a lane that share one order: all of them (''), those of a tenant, or delayed ones ({@link DELAYED}). */
export interface AwayGroup {
  readonly lane: LaneName
  readonly of: string
}

/** No tenant id begins with a tilde. */
export const DELAYED = '~later'

export interface AwayLook {
  /** Jobs that are away and were not called back. */
  readonly away: number
  /** Jobs that were called back and have not come. */
  readonly recalled: number
  /** Jobs whose time is over, and that Zeebe had no time to hand out again yet. */
  readonly onTheirWay: number
}

/** A job that has come. */
export interface Arrival {
  /** Its place among jobs that have been away, smaller is older; null if it was not away. */
  readonly order: number | null
  readonly recalled: boolean
  /** How many older jobs are still away. */
  readonly older: number
  /** Since when it was held before it was given back, ms since the epoch; null if it was not. */
  readonly sinceMs: number | null
}

export interface Leaving {
  readonly key: JobKey
  /** As at its arrival. */
  readonly order: number | null
  readonly awayMs: number
  /** As at its arrival; for a job that is given back, since when it is held. */
  readonly sinceMs: number | null
}

export interface AwayStore {
  look(group: AwayGroup): Promise<AwayLook>
  /** In the order of the jobs, which are away no longer. */
  arrive(group: AwayGroup, jobs: readonly JobKey[]): Promise<readonly Arrival[]>
  /** Must be called after Zeebe took the jobs back: a job called back before that would stay away. */
  leave(group: AwayGroup, jobs: readonly Leaving[]): Promise<void>
  /** Takes the `most` oldest jobs, to be called back by this adapter alone. */
  recall(group: AwayGroup, most: number): Promise<readonly JobKey[]>
  /** Zeebe no longer has the job. */
  forget(group: AwayGroup, key: JobKey): Promise<void>
  /** Groups that may have jobs away. */
  groups(): Promise<readonly AwayGroup[]>
  /** How many jobs of each lane are away, of all its groups. */
  counts(): Promise<ReadonlyMap<LaneName, number>>
  /** Removes a group that has no jobs. */
  drop(group: AwayGroup): Promise<void>
}

/** Further jobs of a lane are not stored: they come back by themselves, in any order. */
const MOST_KNOWN = 100_000
/** Longer than any job is away. */
const KEPT_MS = 1_200_000
/** Zeebe checks once a second for ended leases, and then hands the job out. */
const ON_ITS_WAY_MS = 1_200
/** A job that has not come by this much after its due time may have ended. It counts no longer, but keeps its order if it comes. */
const LATE_MS = 10_000
const MOST_LATE = 10_000

const SETS = ['away', 'away-recalled', 'away-due', 'away-late', 'away-since'] as const

export function makeAwayStore(redis: RedisClient, keys: Keys): AwayStore {
  const script = loadScripts(redis, import.meta.url, {
    'away-look': SETS.length,
    'away-arrive': SETS.length,
    'away-leave': SETS.length,
    'away-recall': SETS.length,
  })
  const where = (group: AwayGroup): string[] => setsOf(keys, group)
  const groups = (): Promise<readonly AwayGroup[]> => readGroups(redis, keys)
  return {
    groups,
    async counts() {
      const known = await groups()
      const asked = known.map(
        (group): Ask =>
          (on) =>
            on.zcard(where(group)[0] ?? ''),
      )
      const sizes = await together(redis, asked)
      const counts = new Map<LaneName, number>()
      for (const [index, { lane }] of known.entries())
        counts.set(lane, (counts.get(lane) ?? 0) + Number(sizes[index]))
      return counts
    },
    async look(group) {
      const reply = await script('away-look')(...where(group), ON_ITS_WAY_MS)
      const [away = 0, recalled = 0, onTheirWay = 0] = reply as number[]
      return { away, recalled, onTheirWay }
    },
    async arrive(group, jobs) {
      const reply = (await script('away-arrive')(...where(group), ...jobs)) as (string | number)[]
      const figure = (text: string | number | undefined) => (text === '' ? null : Number(text))
      return jobs.map((_, index) => {
        const [order, recalled, older, since] = reply.slice(index * 4)
        return {
          order: figure(order),
          recalled: recalled === 1,
          older: Number(older),
          sinceMs: figure(since),
        }
      })
    },
    async leave(group, jobs) {
      if (jobs.length === 0) return
      await redis.sadd(keys.awayLanes, groupName(group))
      const each = jobs.flatMap(({ key, order, awayMs, sinceMs }) => [
        key,
        order ?? '',
        awayMs,
        sinceMs ?? '',
      ])
      await script('away-leave')(...where(group), MOST_KNOWN, KEPT_MS, ...each)
    },
    async recall(group, most) {
      return (await script('away-recall')(...where(group), most, LATE_MS, MOST_LATE)) as JobKey[]
    },
    async forget(group, key) {
      await script('away-arrive')(...where(group), key)
    },
    async drop(group) {
      await redis.srem(keys.awayLanes, groupName(group))
    },
  }
}

function setsOf(keys: Keys, { lane, of }: AwayGroup): string[] {
  return SETS.map((name) => keys.queueKey(lane, of === '' ? name : `${name} ${of}`))
}

async function readGroups(redis: RedisClient, keys: Keys): Promise<readonly AwayGroup[]> {
  return (await redis.smembers(keys.awayLanes)).map(readGroup)
}

/** The keys of a lane's jobs that are or were away, in all its groups, for forgetting the lane. */
export async function awayOfLane(redis: RedisClient, keys: Keys, lane: LaneName) {
  const tenants = (await readGroups(redis, keys)).filter((group) => group.lane === lane).map(({ of }) => of)
  const groups = [...new Set(['', DELAYED, ...tenants])].map((of) => ({ lane, of }))
  const sets = groups.map((group) => setsOf(keys, group))
  return {
    /** Whether any jobs are away, or were called back and have not come. */
    some: (await redis.exists(...sets.flatMap((of) => of.slice(0, 2)))) > 0,
    async clear(): Promise<void> {
      await redis.del(...sets.flat())
      await redis.srem(keys.awayLanes, ...groups.map(groupName))
    },
  }
}

/** Lane names and tenant ids have no spaces. */
export function groupName({ lane, of }: AwayGroup): string {
  return of === '' ? lane : `${lane} ${of}`
}

function readGroup(name: string): AwayGroup {
  const [lane = '', of = ''] = name.split(' ')
  return { lane: lane as LaneName, of }
}
