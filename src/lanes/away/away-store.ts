// The jobs that went back to Zeebe for a while, since their lane has its share of the backlog, in the order in which they
// were first seen: known to all adapters, as each job may come to another one than before. They hold no payload, and what is
// lost of them costs an order at the most: Zeebe offers each job again when its time is over.
import type { JobKey, LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import { loadScripts } from '../../redis/scripts.ts'
import { type Ask, together } from '../../redis/together.ts'

/** Jobs of a lane that wait in one order: all of it (''), those of a tenant, or those that were put off ({@link PUT_OFF}). */
export interface AwayGroup {
  readonly lane: LaneName
  readonly of: string
}

/** No tenant's id begins like this. */
export const PUT_OFF = '~later'

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
  /** Since when it was held before it was given back, ms since the epoch; null: it was not. */
  readonly sinceMs: number | null
}

export interface Leaving {
  readonly key: JobKey
  /** As it had it at its arrival. */
  readonly order: number | null
  readonly awayMs: number
  /** As it had it at its arrival; of one that is given back, since when it is held. */
  readonly sinceMs: number | null
}

export interface AwayStore {
  look(group: AwayGroup): Promise<AwayLook>
  /** In the order of the jobs. None of them is away any more. */
  arrive(group: AwayGroup, jobs: readonly JobKey[]): Promise<readonly Arrival[]>
  /** To be called once Zeebe knows that they go: one that is called back before would be away all the same. */
  leave(group: AwayGroup, jobs: readonly Leaving[]): Promise<void>
  /** Takes the `most` oldest, to be called back: no other adapter is given them. */
  recall(group: AwayGroup, most: number): Promise<readonly JobKey[]>
  /** Zeebe does not know a job any more. */
  forget(group: AwayGroup, key: JobKey): Promise<void>
  /** Those that may have jobs that are away. */
  groups(): Promise<readonly AwayGroup[]>
  /** How many jobs of each lane are away, of all its groups. */
  counts(): Promise<ReadonlyMap<LaneName, number>>
  /** A group has none. */
  drop(group: AwayGroup): Promise<void>
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

/** What there is of jobs of one lane that are or were away, of all its groups, for whoever forgets the lane. */
export async function awayOfLane(redis: RedisClient, keys: Keys, lane: LaneName) {
  const tenants = (await readGroups(redis, keys)).filter((group) => group.lane === lane).map(({ of }) => of)
  const groups = [...new Set(['', PUT_OFF, ...tenants])].map((of) => ({ lane, of }))
  const sets = groups.map((group) => setsOf(keys, group))
  return {
    /** Whether jobs are away, or were called back and have not come. */
    some: (await redis.exists(...sets.flatMap((of) => of.slice(0, 2)))) > 0,
    async clear(): Promise<void> {
      await redis.del(...sets.flat())
      await redis.srem(keys.awayLanes, ...groups.map(groupName))
    },
  }
}

/** Lanes' names and tenants' ids have no spaces. */
export function groupName({ lane, of }: AwayGroup): string {
  return of === '' ? lane : `${lane} ${of}`
}

function readGroup(name: string): AwayGroup {
  const [lane = '', of = ''] = name.split(' ')
  return { lane: lane as LaneName, of }
}
