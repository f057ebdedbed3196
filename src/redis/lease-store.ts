// The leases of jobs that wait or run, by when they are to be extended: taken in batches, whatever number waits.
import type { JobKey, LaneName } from '../job/ids.ts'
import type { RedisClient } from './connect.ts'
import { type Keys, SHARD_NUMBERS } from './keys.ts'
import { makeListen } from './listen.ts'
import { loadScripts } from './scripts.ts'
import { together } from './together.ts'

/** A job that was taken out of what is held since Zeebe does not know it any more. */
export interface Withdrawn {
  readonly was: 'queued' | 'running'
  readonly epoch: number
  readonly lane: LaneName
}

export interface LeaseStore {
  /**
   * Takes leases that are due, `most` of each shard, by the clock of Redis. They are due again in `againMs`, whether
   * this process lives to extend them or not.
   */
  claim(most: number, againMs: number): Promise<readonly JobKey[]>
  /** A lease that could not be extended is due in `inMs`, unless the job has ended. */
  postpone(key: JobKey, inMs: number): Promise<void>
  /** Null when the job neither waits nor runs. Otherwise it is remembered as done for `rememberMs`. */
  withdraw(key: JobKey, memory: { rememberMs: number; leaseMs: number }): Promise<Withdrawn | null>
  /** Tells the worker that runs a queued job, by its BullMQ id, to end it. */
  tellWithdrawn(id: string): Promise<void>
  /** Calls `onWithdrawn` with such ids, on a connection that listens. */
  subscribe(connection: RedisClient, onWithdrawn: (id: string) => void): Promise<void>
}

export function makeLeaseStore(redis: RedisClient, keys: Keys): LeaseStore {
  const listen = makeListen()
  const script = loadScripts(redis, { 'claim-leases': 1, withdraw: 4 })
  return {
    async claim(most, againMs) {
      const asked = SHARD_NUMBERS.map(
        (shard) => (on: object) => script('claim-leases', on)(keys.leases(shard), most, Math.round(againMs)),
      )
      return ((await together(redis, asked)) as JobKey[][]).flat()
    },
    async postpone(key, inMs) {
      const [seconds, micros] = await redis.time()
      const now = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
      await redis.zadd(keys.leases(keys.shardOf(key)), 'XX', Math.round(now + inMs), key)
    },
    async withdraw(key, { rememberMs, leaseMs }) {
      const shard = keys.shardOf(key)
      const where = [keys.job(key), keys.held(shard), keys.leases(shard), keys.bytes(shard)]
      const reply = await script('withdraw')(...where, key, rememberMs, leaseMs)
      if (reply === null) return null
      const [was, epoch, lane] = reply as ['queued' | 'running', number, LaneName]
      return { was, epoch, lane }
    },
    async tellWithdrawn(id) {
      await redis.publish(keys.withdrawnChannel, id)
    },
    subscribe: (connection, onWithdrawn) => listen(connection, keys.withdrawnChannel, onWithdrawn),
  }
}
