// The order in which a lane's jobs are taken: BullMQ's sorted set of prioritized jobs, cut into three bands of scores.
// BullMQ gives a job the score priority * 2^32 + counter, and takes the lowest.
// 1. PUT_BACK: where BullMQ puts a job that had its turn and comes back (throttled, deferred, handed back): in front of all
//    that wait. One whose worker died goes to the list `wait`, which BullMQ takes before any of these.
// 2. From FIRST_TAG: where place.lua moves each new job, into its tenant's slots.
// 3. NEW: where BullMQ adds a job, until it is placed an instant later. Behind all others, since where many are added
//    and taken in that instant, these would always pass those that wait.
import type { LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import { loadScripts } from '../../redis/scripts.ts'
import { FIRST_TAG, type Place, TURN } from './fair-order.ts'

/** BullMQ priority of a job that goes before all that wait for their turn. */
export const PUT_BACK_PRIORITY = 1_024
/** BullMQ priority of a new job, which {@link LaneOrder.place} makes {@link PUT_BACK_PRIORITY}. */
export const NEW_PRIORITY = 1_048_576

export interface LaneOrder {
  /** Gives jobs that were added with {@link NEW_PRIORITY} their place. What is placed already stays where it is. */
  place(lane: LaneName, ids: readonly string[]): Promise<void>
  /** To be called before a job is taken out of its lane for good: its flow need not pay for a turn it does not have. */
  refund(lane: LaneName, id: string): Promise<void>
}

/** Of the jobs that another adapter left without a place, at most so many are placed at once. */
const MOST_OTHERS = 1_000
/** Flows of a lane that nothing comes into are forgotten. */
const REMEMBER_MS = 7 * 24 * 3_600_000
/** Of more flows those are forgotten that have had most of their turns: process ids are made by diagrams. */
const MOST_FLOWS = 10_000

const SCRIPTS = { place: 5, refund: 5 } as const

export function makeLaneOrder(redis: RedisClient, keys: Keys): LaneOrder {
  const script = loadScripts(redis, import.meta.url, SCRIPTS)
  return {
    async place(lane, ids) {
      const how = [FIRST_TAG, NEW_PRIORITY, PUT_BACK_PRIORITY, MOST_OTHERS, REMEMBER_MS, MOST_FLOWS, TURN]
      const where = [keys.prioritized(lane), keys.tenants(lane), keys.ranks(lane), keys.turns(lane)]
      await script('place')(
        ...[...where, keys.earlierRanks(lane), keys.queued(lane, '')],
        ...[...how, ...ids],
      )
    },
    async refund(lane, id) {
      await script('refund')(
        ...[keys.queued(lane, id), keys.prioritized(lane), keys.tenants(lane), keys.ranks(lane)],
        ...[keys.turns(lane), id, FIRST_TAG, NEW_PRIORITY],
      )
    },
  }
}

/** A turn as the name of a queued job, where the scripts read it. */
export function placeName({ flow, cost, tenantCost }: Place): string {
  return `${cost} ${flow} @${tenantCost}`
}

/** The flow in the name of a queued job; those of earlier versions name no tenant's cost. */
export function flowOfName(name: string): string {
  return name.slice(name.indexOf(' ') + 1).replace(/ @\d+$/, '')
}
