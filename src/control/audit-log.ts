// The audit log: a stream of the last 10,000 changes, newest last. Times are Redis's.
import type { LaneName } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'

export interface AuditEntry {
  /** ms since the epoch. */
  readonly atMs: number
  /** `user@host`. */
  readonly by: string
  readonly action: string
  /** The change, in words. */
  readonly change: string
  readonly lanes: readonly LaneName[]
  /** What the operator gave as the reason; absent if nothing. */
  readonly reason?: string
}

export interface AuditLog {
  add(entry: Omit<AuditEntry, 'atMs'>): Promise<void>
  /** The last `most` entries, the newest first. */
  last(most: number): Promise<readonly AuditEntry[]>
}

/** Enough that nobody can push a change out of the log by making others; about 3 MB. */
const KEPT = 10_000

export function makeAuditLog(redis: RedisClient, keys: Keys): AuditLog {
  return {
    async add({ by, action, change, lanes, reason }) {
      const why = reason === undefined ? [] : ['reason', reason]
      const fields = ['by', by, 'action', action, 'change', change, 'lanes', lanes.join(' '), ...why]
      await redis.xadd(keys.audit, 'MAXLEN', KEPT, '*', ...fields)
    },
    async last(most) {
      const entries = await redis.xrevrange(keys.audit, '+', '-', 'COUNT', most)
      return entries.map(([id, flat]) => {
        const fields = new Map<string, string>()
        for (let index = 0; index + 1 < flat.length; index += 2) {
          fields.set(flat[index] ?? '', flat[index + 1] ?? '')
        }
        const field = (name: string): string => fields.get(name) ?? ''
        return {
          atMs: Number(id.split('-')[0]),
          by: field('by'),
          action: field('action'),
          change: field('change'),
          lanes: field('lanes')
            .split(' ')
            .filter((lane) => lane !== '') as LaneName[],
          ...(fields.has('reason') ? { reason: field('reason') } : {}),
        }
      })
    },
  }
}
