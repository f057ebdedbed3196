// What lanes did in the last minutes, all workers together, and the quota that these have in force: for people, who see a lane without the
// worker's settings. Each worker adds up its figures and writes them every few seconds. A lost figure does no harm.
import type { LaneName } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { loadScripts } from '../redis/scripts.ts'
import type { GrantedQuota } from '../rules/granted-quota.ts'

/** Figures that workers count. `callMs`: sum of the durations of calls, ms. `microUsd`: their cost at list price, in millionths of a dollar. `incidents`: failures that left no retries. */
export const RECENT = [
  'jobs',
  'failed',
  'incidents',
  'calls',
  'throttled',
  'callMs',
  'tokens',
  'microUsd',
] as const
export type RecentCounts = Readonly<Record<(typeof RECENT)[number], number>>

/** What a lane did within {@link RECENT_MINUTES}, the running minute included. */
export interface RecentFigures {
  readonly counts: RecentCounts
  /** The quota that a worker has in force; null where none has served the lane within a day. */
  readonly quota: GrantedQuota | null
}

export const RECENT_MINUTES = 5
const EVERY_MS = 2_000
/** As long as lanes without jobs are known. */
const KEPT_MS = 24 * 3_600_000

export interface RecentCounter {
  /** Adds to the figures of a lane. */
  count(lane: LaneName, grown: Partial<RecentCounts>): void
}

/** @param quotaOf - the quota of a lane that is in force in this process. */
export function makeRecentCounter(
  redis: RedisClient,
  keys: Keys,
  quotaOf: (lane: LaneName) => GrantedQuota,
): RecentCounter {
  const script = loadScripts(redis, import.meta.url, { 'count-recent': 1 }, { RECENT_MINUTES })
  const grown = new Map<LaneName, Record<string, number>>()
  const send = (): void => {
    for (const [lane, figures] of grown) {
      const args = Object.entries(figures).flatMap(([name, by]) => (by === 0 ? [] : [name, Math.round(by)]))
      void script('count-recent')(keys.recent(lane), JSON.stringify(quotaOf(lane)), KEPT_MS, ...args).catch(
        () => undefined,
      )
    }
    grown.clear()
  }
  return {
    count(lane, figures) {
      if (grown.size === 0) setTimeout(send, EVERY_MS).unref()
      const sums = grown.get(lane) ?? {}
      for (const [name, by] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + by
      grown.set(lane, sums)
    },
  }
}

/** @param fields - the hash that {@link makeRecentCounter} writes. @param nowMs - by the clock of its node. */
export function readRecent(fields: ReadonlyMap<string, string>, nowMs: number): RecentFigures {
  const oldest = Math.floor(nowMs / 60_000) - RECENT_MINUTES
  const counts = Object.fromEntries(RECENT.map((name) => [name, 0])) as Record<
    (typeof RECENT)[number],
    number
  >
  for (const [field, value] of fields) {
    const [minute = '', name] = field.split(' ')
    const known = RECENT.find((each) => each === name)
    if (known !== undefined && Number(minute) > oldest) counts[known] += Number(value)
  }
  return { counts, quota: readQuota(fields.get('quota') ?? '') }
}

/** Null for what is no quota: whoever can write to Redis may have written it, and the other lanes must stay visible. */
function readQuota(text: string): GrantedQuota | null {
  try {
    const quota: unknown = JSON.parse(text)
    const isQuota =
      typeof quota === 'object' && quota !== null && 'origin' in quota && 'requestsPerMinute' in quota
    return isQuota ? (quota as GrantedQuota) : null
  } catch {
    return null
  }
}
