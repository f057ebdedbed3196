// Jobs held for long (accepted and not answered), by the time of acceptance or by the end of their own patience.
import type { JobKey, LaneName } from '../job/ids.ts'
import type { TraceParent } from '../job/trace-parent.ts'
import { clockMs } from '../redis/clock.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'

/** A held job. */
export interface HeldJob {
  readonly key: JobKey
  readonly state: string
  readonly epoch: number
  readonly lane: LaneName
  /** ms since its acceptance. */
  readonly waitedMs: number
  readonly sends: number
  readonly failure: string
  /** The span that its executions are a part of. */
  readonly trace: TraceParent
}

/** A page of a shard's held jobs. */
export interface HeldPage {
  /** The shard's sorted set, by a time in ms. */
  readonly by: string
  /** Least ms since that time. */
  readonly olderThanMs: number
  readonly offset: number
  readonly limit: number
}

/** Oldest first, by the clock of Redis. */
export async function readHeld(
  { redis, keys }: { readonly redis: RedisClient; readonly keys: Keys },
  { by, olderThanMs, offset, limit }: HeldPage,
): Promise<readonly HeldJob[]> {
  // The clock of the node that recorded the acceptance: in a Cluster each node has its own.
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
