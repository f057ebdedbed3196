// Releases what dead workers hold of budgets. Without this, jobs would wait an hour for holds to lapse that nobody spends, and sent calls
// would not be counted. Whoever asks a budget looks for dead holds: often if it makes a job wait for running calls.

import { makeWorkerDead } from '../ledger/worker-pulse.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { loadScripts } from '../redis/scripts.ts'
import type { Period } from './budget.ts'

interface DeadHolds {
  /**
   * @param waits - whether a job waits for holds.
   * @returns whether anything was released.
   */
  release(budget: { readonly id: string; readonly period: Period }, waits: boolean): Promise<boolean>
}

/** Jobs that wait for the same budget ask about once a second. */
const EVERY_MS = 5_000
const SELDOM_MS = 60_000
/** Holds looked at in one go, the oldest first. */
const MOST = 1_000
const MOST_REMEMBERED = 10_000

/** The name of a worker's hold. */
export function holdName(worker: string, call: string): string {
  return worker === '' ? call : `${worker}/${call}`
}

/**
 * As the scripts of budgets read them: both end in what is held, as they did before a call counted anything of a worker that died,
 * and the second says what that is.
 */
export function holdNames(
  name: string,
  { amount, least }: { readonly amount: number; readonly least: number },
) {
  const held = `${name}:${amount}`
  return { name: held, sentName: `${held}:sent:${least}:${amount}` }
}

export function makeDeadHolds(redis: RedisClient, keys: Keys, worker: string): DeadHolds {
  const script = loadScripts(redis, import.meta.url, { 'release-budget': 2 })
  const isDead = makeWorkerDead(redis, keys)
  const lookedAt = new Map<string, number>()
  const due = (budget: string, everyMs: number): boolean => {
    const now = performance.now()
    if (now - (lookedAt.get(budget) ?? Number.NEGATIVE_INFINITY) < everyMs) return false
    if (lookedAt.size >= MOST_REMEMBERED) lookedAt.clear()
    lookedAt.set(budget, now)
    return true
  }
  return {
    async release({ id, period: { label } }, waits) {
      const holds = keys.budgetHolds(id, label)
      if (!due(holds, waits ? EVERY_MS : SELDOM_MS)) return false
      const byWorker = Map.groupBy(await redis.zrange(holds, '0', String(MOST - 1)), (hold) =>
        hold.slice(0, Math.max(0, hold.lastIndexOf('/'))),
      )
      // A hold of a version that named no worker, or this worker's own.
      byWorker.delete('')
      byWorker.delete(worker)
      let released = 0
      for (const [other, own] of byWorker) {
        const held = own.filter((hold) => !hold.endsWith(':0'))
        if (held.length === 0 || !(await isDead(other))) continue
        released += Number(await script('release-budget')(keys.budget(id, label), holds, ...held))
      }
      return released > 0
    },
  }
}
