// What workers that died hold of budgets: it would lapse after an hour, and jobs would wait that long for money that nobody
// spends. Looked for where a budget lets a job wait for calls that run, by whoever is told so.
import type { Period } from '../pace/budget.ts'
import type { RedisClient } from './connect.ts'
import type { Keys } from './keys.ts'
import { loadScripts } from './scripts.ts'
import { makeWorkerDead } from './worker-pulse.ts'

export interface DeadHolds {
  /** @returns whether anything was given back. */
  release(budget: { readonly id: string; readonly period: Period }): Promise<boolean>
}

/** Jobs that wait for the same budget ask again every second or so. */
const EVERY_MS = 5_000
/** A budget whose calls hold more is looked through in parts, the oldest first. */
const MOST = 1_000
const MOST_REMEMBERED = 10_000

/** The name of a hold of a worker. */
export function holdName(worker: string, call: string): string {
  return worker === '' ? call : `${worker}/${call}`
}

export function makeDeadHolds(redis: RedisClient, keys: Keys, worker: string): DeadHolds {
  const script = loadScripts(redis, { 'release-budget': 2 })
  const isDead = makeWorkerDead(redis, keys)
  const lookedAt = new Map<string, number>()
  const due = (budget: string): boolean => {
    const now = performance.now()
    if (now - (lookedAt.get(budget) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return false
    if (lookedAt.size >= MOST_REMEMBERED) lookedAt.clear()
    lookedAt.set(budget, now)
    return true
  }
  return {
    async release({ id, period: { label } }) {
      const holds = keys.budgetHolds(id, label)
      if (!due(holds)) return false
      const byWorker = Map.groupBy(await redis.zrange(holds, '0', String(MOST - 1)), (hold) =>
        hold.slice(0, Math.max(0, hold.lastIndexOf('/'))),
      )
      // Of a version that named no worker, or its own.
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
