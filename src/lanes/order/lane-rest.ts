// The last jobs of a lane: a stuck lane that holds more than its share gives these back to Zeebe first.
import type { JobKey, LaneName } from '../../job/ids.ts'
import { keyOfQueued } from '../../job/queued-job.ts'
import type { RedisClient } from '../../redis/connect.ts'
import type { Keys } from '../../redis/keys.ts'
import { type Ask, together } from '../../redis/together.ts'

/** A job that waits in a lane. */
export interface RestingJob {
  /** BullMQ's id. */
  readonly id: string
  readonly key: JobKey
  readonly epoch: number
  /** '' if unknown, as below. */
  readonly tenantId: string
  readonly processId: string
  /** When it was accepted, ms since the epoch. */
  readonly sinceMs: number
}

export interface LaneRest {
  /**
   * A page of the waiting or of the delayed jobs of a lane, the last first. Leaves out jobs that AWS may have executed or whose worker died:
   * their counts must survive, and are lost when a job goes back to Zeebe.
   * @returns null after the last page.
   */
  page(lane: LaneName, of: 'waiting' | 'delayed', page: number): Promise<readonly RestingJob[] | null>
}

const PAGE = 200
const COUNTS = ['sends', 'throttles', 'outages', 'deaths'] as const

export function makeLaneRest(redis: RedisClient, keys: Keys): LaneRest {
  return {
    async page(lane, which, page) {
      const set = which === 'delayed' ? keys.queueKey(lane, 'delayed') : keys.prioritized(lane)
      const ids = await redis.zrevrange(set, page * PAGE, (page + 1) * PAGE - 1)
      if (ids.length === 0) return null
      const fields = ['state', 'epoch', 'lane', 'since', 'tenant', 'process', ...COUNTS] as const
      const records = (await together(
        redis,
        ids.map(
          (id): Ask =>
            (on) =>
              on.hmget(keys.job(keyOfQueued(id) as JobKey), ...fields),
        ),
      )) as (string | null)[][]
      return ids.flatMap((id, index) => {
        const [state, epoch, of, since, tenantId, processId, ...counts] = records[index] ?? []
        const [sends = 0, throttles = 0, outages = 0, deaths = 0] = counts.map(Number)
        if (state !== 'queued' || of !== lane || sends > throttles + outages || deaths > 0) return []
        const key = keyOfQueued(id) as JobKey
        return [
          {
            id,
            key,
            epoch: Number(epoch),
            sinceMs: Number(since),
            tenantId: tenantId ?? '',
            processId: processId ?? '',
          },
        ]
      })
    },
  }
}
