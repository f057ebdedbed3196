// Which lanes are in an outage, read without anything else of them.
import type { LaneName } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { type Ask, together } from '../redis/together.ts'

export interface Outage {
  readonly lane: LaneName
  /** ms since the epoch, by the clock of the lane's node. */
  readonly sinceMs: number
  /** Names the endpoint, the failed step and what to check. */
  readonly why: string
}

/** The outages among these lanes, in their order. */
export async function readOutages(
  redis: RedisClient,
  keys: Keys,
  lanes: readonly LaneName[],
): Promise<readonly Outage[]> {
  const asked = lanes.map(
    (lane): Ask =>
      (on) =>
        on.hmget(keys.pace(lane), 'outageSince', 'outageWhy'),
  )
  const replies = (await together(redis, asked)) as [since: string | null, why: string | null][]
  return lanes.flatMap((lane, index) => {
    const [since, why] = replies[index] ?? []
    const sinceMs = Number(since ?? 0)
    return sinceMs > 0 ? [{ lane, sinceMs, why: why ?? '' }] : []
  })
}
