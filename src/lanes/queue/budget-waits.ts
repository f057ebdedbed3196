// Jobs of a lane that are delayed for a budget, kept until they are due, so that they can be promoted when budgets change.
import type { LaneName } from '../../job/ids.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import { loadScripts } from '../../redis/scripts.ts'

export interface BudgetWaits {
  add(lane: LaneName, id: string, delayMs: number): Promise<void>
  /** BullMQ ids. Some of the jobs may have been taken since. */
  list(lane: LaneName): Promise<readonly string[]>
  remove(lane: LaneName, ids: readonly string[]): Promise<void>
}

export function makeBudgetWaits(redis: RedisClient, keys: Keys): BudgetWaits {
  const script = loadScripts(redis, import.meta.url, { 'budget-wait': 1 })
  return {
    async add(lane, id, delayMs) {
      await script('budget-wait')(keys.budgetWaits(lane), id, Math.max(1, Math.ceil(delayMs)))
    },
    list: (lane) => redis.zrange(keys.budgetWaits(lane), '0', '-1'),
    async remove(lane, ids) {
      if (ids.length > 0) await redis.zrem(keys.budgetWaits(lane), ...ids)
    },
  }
}
