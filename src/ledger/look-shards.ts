// Totals over all shards, for metrics and people: one script per shard, all shards in one round trip.
import type { LaneName } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import { type Keys, SHARD_NUMBERS } from '../redis/keys.ts'
import { loadScripts } from '../redis/scripts.ts'
import { together } from '../redis/together.ts'
import { isEmpty } from './is-empty.ts'

export interface ShardsLook {
  /** Jobs accepted and not answered. */
  readonly held: number
  /** Outcomes not yet reported to Zeebe. */
  readonly outcomes: number
  /** Size of both, before the compression of jobs. */
  readonly bytes: number
  /** Jobs with a lease. */
  readonly leases: number
  /** How late the most overdue lease extension is, ms; 0 for none. */
  readonly overdueMs: number
  /** Age of the oldest outcome, ms; 0 for none. */
  readonly outcomeMs: number
  /** Age of each lane's oldest held job, ms, in the order of the lanes; 0 for none. */
  readonly oldestMs: readonly number[]
}

/** ms since the epoch; '' for none. */
type Time = string
type Reply = [
  now: number,
  held: number,
  outcomes: number,
  bytes: number,
  leases: number,
  lease: Time,
  outcome: Time,
  ...oldest: Time[],
]

export interface ShardLooks {
  look(lanes: readonly LaneName[]): Promise<ShardsLook>
}

export function makeShardLooks(redis: RedisClient, keys: Keys): ShardLooks {
  // The number of keys is part of the command, so a changed number of lanes, which is rare, needs another.
  let known = { lanes: -1, script: loadScripts(redis, import.meta.url, { 'look-shard': 4 }) }
  return {
    async look(lanes) {
      if (await isEmpty(redis, keys)) return { ...EMPTY, oldestMs: lanes.map(() => 0) }
      if (known.lanes !== lanes.length)
        known = {
          lanes: lanes.length,
          script: loadScripts(redis, import.meta.url, { 'look-shard': 4 + lanes.length }),
        }
      const { script } = known
      const asked = SHARD_NUMBERS.map((shard) => (on: object) => {
        const of = [keys.held(shard), keys.outbox(shard), keys.leases(shard), keys.bytes(shard)]
        return script('look-shard', on)(...of, ...lanes.map((lane) => keys.heldOf(shard, lane)))
      })
      return sumUp((await together(redis, asked)) as Reply[], lanes.length)
    },
  }
}

const EMPTY = { held: 0, outcomes: 0, bytes: 0, leases: 0, overdueMs: 0, outcomeMs: 0 } as const

/** Ages are by the clock of the shard's node: in a Cluster each node has its own. */
function sumUp(replies: readonly Reply[], lanes: number): ShardsLook {
  const sum = (of: (reply: Reply) => number): number => replies.reduce((total, reply) => total + of(reply), 0)
  const age = (of: (reply: Reply) => Time | undefined): number =>
    Math.max(
      0,
      ...replies.map((reply) => {
        const at = of(reply) ?? ''
        return at === '' ? 0 : reply[0] - Number(at)
      }),
    )
  return {
    held: sum(([, held]) => held),
    outcomes: sum(([, , outcomes]) => outcomes),
    bytes: sum(([, , , bytes]) => bytes),
    leases: sum(([, , , , leases]) => leases),
    overdueMs: age((reply) => reply[5]),
    outcomeMs: age((reply) => reply[6]),
    oldestMs: Array.from({ length: lanes }, (_, index) =>
      age((reply) => reply[7 + index] as Time | undefined),
    ),
  }
}
