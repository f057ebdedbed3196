// BullMQ keeps the jobs of a lane in a sorted set, with score priority * 2^32 + counter, and takes the lowest score. Quarry uses three
// bands of scores:
// 1. PUT_BACK: BullMQ requeues a job here (throttled, deferred, handed back), in front of all waiting jobs. A job whose worker died goes
//    to the list `wait`, which BullMQ empties before the set.
// 2. From FIRST_TAG: place.lua moves each new job here, into its tenant's slots.
// 3. NEW: BullMQ adds a job here, behind all others, until it is placed an instant later. Otherwise jobs that are added and taken within
//    that instant would pass the waiting ones.
import type { LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import { loadScripts } from '../../redis/scripts.ts'
import { FIRST_TAG, type Place, TURN } from './fair-order.ts'

/** BullMQ priority of a requeued job, which goes before all waiting jobs. */
export const PUT_BACK_PRIORITY = 1_024
/** BullMQ priority of a new job; {@link LaneOrder.place} changes it to {@link PUT_BACK_PRIORITY}. */
export const NEW_PRIORITY = 1_048_576

export interface LaneOrder {
  /** Places jobs that were added with {@link NEW_PRIORITY}. Jobs with a place keep it. */
  place(lane: LaneName, ids: readonly string[]): Promise<void>
  /** Call it before removing a job from its lane for good, so that its flow does not pay for a turn that it never had. */
  refund(lane: LaneName, id: string): Promise<void>
}

/** Most jobs of another adapter, left without a place, that are placed at once. */
const MOST_OTHERS = 1_000
/** The flows of a lane without new jobs are forgotten after this. */
const REMEMBER_MS = 7 * 24 * 3_600_000
/** Most flows of a lane, since diagrams make up process ids. The flows with the lowest finish are forgotten first. */
const MOST_FLOWS = 10_000

const SCRIPTS = { place: 5, refund: 5 } as const

export function makeLaneOrder(redis: RedisClient, keys: Keys): LaneOrder {
  const script = loadScripts(redis, import.meta.url, SCRIPTS)
  return {
    async place(lane, ids) {
      const how = [FIRST_TAG, NEW_PRIORITY, PUT_BACK_PRIORITY, MOST_OTHERS, REMEMBER_MS, MOST_FLOWS, TURN]
      const where = [keys.prioritized(lane), keys.tenants(lane), keys.ranks(lane), keys.turns(lane)]
      await script('place')(...where, keys.earlierRanks(lane), keys.queued(lane, ''), ...how, ...ids)
    },
    async refund(lane, id) {
      const sets = [keys.prioritized(lane), keys.tenants(lane), keys.ranks(lane), keys.turns(lane)]
      await script('refund')(keys.queued(lane, id), ...sets, id, FIRST_TAG, NEW_PRIORITY)
    },
  }
}

/** The name of a queued job. The scripts read its place from there. */
export function placeName({ flow, cost, tenantCost }: Place): string {
  return `${cost} ${flow} @${tenantCost}`
}

/** The flow in the name of a queued job. Names of earlier versions lack the tenant's cost. */
export function flowOfName(name: string): string {
  return name.slice(name.indexOf(' ') + 1).replace(/ @\d+$/, '')
}
