// What all shards together hold, for those who look: one script a shard, all shards in one round trip.
import type { LaneName } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import { type Keys, SHARD_NUMBERS } from '../redis/keys.ts'
import { loadScripts } from '../redis/scripts.ts'
import { together } from '../redis/together.ts'
import { isEmpty } from './is-empty.ts'

export interface ShardsLook {
  /** Jobs accepted and not answered. */
  readonly held: number
  /** Outcomes that Zeebe has not been told. */
  readonly outcomes: number
  /** Size of both, before the compression of jobs. */
  readonly bytes: number
  /** Jobs whose leases are kept. */
  readonly leases: number
  /** How late the extension of the most overdue lease is, ms; 0 for none. */
  readonly overdueMs: number
  /** Age of the oldest outcome, ms; 0 for none. */
  readonly outcomeMs: number
  /** Age of the oldest job held of each lane, ms, in the order of the lanes; 0 for none. */
  readonly oldestMs: readonly number[]
}

/** ms since the epoch; '': there is none. */
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
  // The number of keys is a part of a command, and there are seldom more or fewer lanes than before.
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

/** Ages are told by the clock of the node that has the shard: in a Cluster each has its own. */
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
