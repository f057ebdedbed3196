// Jobs that have been held for long: accepted, and not answered. By when that was, or by when their own patience ends.
import type { JobKey, LaneName } from '../job/ids.ts'
import type { TraceParent } from '../job/trace-parent.ts'
import { clockMs } from '../redis/clock.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'

/** A job that has not been answered for long. */
export interface HeldJob {
  readonly key: JobKey
  readonly state: string
  readonly epoch: number
  readonly lane: LaneName
  /** ms since it was accepted. */
  readonly waitedMs: number
  readonly sends: number
  readonly failure: string
  /** The span that its executions are a part of. */
  readonly trace: TraceParent
}

/** A part of what a shard holds. */
export interface HeldPage {
  /** The sorted set of a shard that has them, by a time in ms. */
  readonly by: string
  /** ms since that time, at the least. */
  readonly olderThanMs: number
  readonly offset: number
  readonly limit: number
}

/** Oldest first, by the clock of Redis. */
export async function readHeld(
  { redis, keys }: { readonly redis: RedisClient; readonly keys: Keys },
  { by, olderThanMs, offset, limit }: HeldPage,
): Promise<readonly HeldJob[]> {
  // Of the very node that told when they were accepted: in a Cluster each has its clock.
  const time = "return redis.call('TIME')"
  const now = clockMs((await redis.eval(time, 1, by)) as string[])
  const latest = String(now - olderThanMs)
  const members = await redis.zrange(by, '-inf', latest, 'BYSCORE', 'LIMIT', offset, limit)
  const pipeline = redis.pipeline()
  for (const key of members)
    pipeline.hmget(keys.job(key as JobKey), 'state', 'epoch', 'lane', 'since', 'sends', 'failure', 'trace')
  const replies = (await pipeline.exec()) ?? []
  return replies.map(([error, reply], index) => {
    if (error) throw error
    const [state, epoch, lane, since, sends, failure, trace] = reply as (string | null)[]
    return {
      key: members[index] as JobKey,
      state: state ?? 'gone',
      epoch: Number(epoch ?? 0),
      lane: (lane ?? '') as LaneName,
      waitedMs: now - Number(since ?? now),
      sends: Number(sends ?? 0),
      failure: failure ?? '',
      trace: trace ?? '',
    }
  })
}
