// The leases of waiting and running jobs, by the time of their next extension, claimed in batches.
import type { JobKey, LaneName } from '../job/ids.ts'
import type { TraceParent } from '../job/trace-parent.ts'
import type { RedisClient } from '../redis/connect.ts'
import { type Keys, SHARD_NUMBERS } from '../redis/keys.ts'
import { makeListen } from '../redis/listen.ts'
import { loadScripts } from '../redis/scripts.ts'
import { anyExists, together } from '../redis/together.ts'

/** A waiting or running job. */
export interface Leased {
  readonly state: 'queued' | 'running'
  readonly epoch: number
  readonly lane: LaneName
  /** '' if it is not known. */
  readonly processId: string
  /** The span that its executions are a part of. */
  readonly trace: TraceParent
}

export interface LeaseStore {
  /** Whether there are leases at all: one command. */
  any(): Promise<boolean>
  /**
   * Claims due leases, `most` of each shard, by the clock of Redis. They are due again in `againMs`, even if this process dies.
   */
  claim(most: number, againMs: number): Promise<readonly JobKey[]>
  /** Makes leases due in `inMs`, by the clock of Redis, unless their jobs have ended. */
  postpone(keys: readonly JobKey[], inMs: number): Promise<void>
  /** Null if the job neither waits nor runs. */
  find(key: JobKey): Promise<Leased | null>
  /**
   * Ends a job that Zeebe no longer has, and remembers it as done for `rememberMs`. Resolves with what it was; null if it neither waited
   * nor ran.
   */
  withdraw(key: JobKey, memory: { rememberMs: number; leaseMs: number }): Promise<Leased | null>
  /** Makes the worker that runs a queued job, by its BullMQ id, end it. */
  tellWithdrawn(id: string): Promise<void>
  /** Calls `onWithdrawn` with such ids. The connection must be used for subscriptions only. */
  subscribe(connection: RedisClient, onWithdrawn: (id: string) => void): Promise<void>
}

export function makeLeaseStore(redis: RedisClient, keys: Keys): LeaseStore {
  const listen = makeListen()
  const script = loadScripts(redis, import.meta.url, { 'claim-leases': 1, 'postpone-leases': 1, withdraw: 5 })
  return {
    any: () => anyExists(redis, SHARD_NUMBERS.map(keys.leases)),
    async claim(most, againMs) {
      const asked = SHARD_NUMBERS.map(
        (shard) => (on: object) => script('claim-leases', on)(keys.leases(shard), most, Math.round(againMs)),
      )
      return ((await together(redis, asked)) as JobKey[][]).flat()
    },
    async postpone(jobKeys, inMs) {
      const ofShards = [...Map.groupBy(jobKeys, keys.shardOf)]
      const asked = ofShards.map(
        ([shard, own]) =>
          (on: object) =>
            script('postpone-leases', on)(keys.leases(shard), Math.round(inMs), ...own),
      )
      await together(redis, asked)
    },
    async find(key) {
      const fields = ['state', 'epoch', 'lane', 'process', 'trace']
      const [state, epoch, lane, process, trace] = await redis.hmget(keys.job(key), ...fields)
      if (state !== 'queued' && state !== 'running') return null
      return {
        ...{ state, epoch: Number(epoch), lane: lane as LaneName },
        ...{ processId: process ?? '', trace: trace ?? '' },
      }
    },
    async withdraw(key, { rememberMs, leaseMs }) {
      const shard = keys.shardOf(key)
      const where = [keys.job(key), keys.held(shard), keys.leases(shard), keys.bytes(shard)]
      const reply = await script('withdraw')(...where, keys.patience(shard), key, rememberMs, leaseMs)
      if (reply === null) return null
      const [state, epoch, lane, processId, trace] = reply as WithdrawReply
      return { state, epoch, lane, processId, trace }
    },
    async tellWithdrawn(id) {
      await redis.publish(keys.withdrawnChannel, id)
    },
    subscribe: (connection, onWithdrawn) => listen(connection, keys.withdrawnChannel, onWithdrawn),
  }
}

type WithdrawReply = [
  state: Leased['state'],
  epoch: number,
  lane: LaneName,
  processId: string,
  trace: TraceParent,
]
