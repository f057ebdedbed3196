// What each worker says of itself every few seconds: that it lives, and what it runs. By that others tell a worker that is
// dead from one that lost its locks while Redis was away.

import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { together } from '../redis/together.ts'
import { makeService, type Service, type ServiceParts } from '../time/service.ts'

export interface WorkerPulse extends Service {
  readonly runs: WorkerRuns
}

/**
 * Whether another worker runs a queued job, by its BullMQ id. True as well for as long as that cannot be told: when Redis was
 * away, or when the worker was let in after it last said what it runs, it has not had the time to say so.
 * @param startedAt - when that worker was let in for it, ms by the clock of Redis.
 */
export type WorkerRuns = (worker: string, id: string, startedAt: number) => Promise<boolean>

export function makeWorkerRuns(redis: RedisClient, keys: Keys): WorkerRuns {
  return async (worker, id, startedAt) => {
    const said = await redis.get(keys.worker(worker))
    if (said === null) return unsettled(redis, keys)
    const { at, runs } = readWord(said)
    return runs.includes(id) || startedAt > at - CLOCKS_DIFFER_MS
  }
}

/** Tells whether a worker is known to be dead. False for as long as that cannot be told. */
export function makeWorkerDead(redis: RedisClient, keys: Keys): (worker: string) => Promise<boolean> {
  return async (worker) => (await redis.exists(keys.worker(worker))) === 0 && !(await unsettled(redis, keys))
}

/** Nodes of one Redis, each with a clock of its own, are not further apart, ms. */
const CLOCKS_DIFFER_MS = 1_000
const SAID_AT = 'at '

/**
 * What a worker says: BullMQ ids, and among them when it looked at them. A list with one more entry is read by versions
 * that do not know of that time, too.
 */
function writeWord(at: number, running: Iterable<string>): string {
  return JSON.stringify([`${SAID_AT}${at}`, ...running])
}

function readWord(word: string): { readonly at: number; readonly runs: readonly string[] } {
  const runs = JSON.parse(word) as string[]
  const at = runs[0]?.startsWith(SAID_AT) ? Number(runs[0].slice(SAID_AT.length)) : Number.POSITIVE_INFINITY
  return { at, runs }
}

async function unsettled(redis: RedisClient, keys: Keys): Promise<boolean> {
  return (await redis.exists(keys.pulse)) === 0 || (await redis.exists(keys.unsettled)) === 1
}

export interface WorkerPulseParts {
  readonly redis: RedisClient
  readonly keys: Keys
  /** Name of this worker, unique. */
  readonly name: string
  /** BullMQ ids of what it runs. */
  readonly running: () => Iterable<string>
  readonly onFault: ServiceParts['onFault']
}

const EVERY_MS = 5_000
/** Shorter than BullMQ's lock, so that a worker is known to be dead when its jobs are given to others. */
const LIVES_MS = 20_000
/** When nobody has said anything for so long, Redis was away. Shorter by more than a pause than a worker is said to live. */
const AWAY_AFTER_MS = 10_000
/** A connection comes back within 5 s, and the next word within 5 s more. */
const UNSETTLED_MS = 15_000
/** A worker that has said nothing for so long is not listed, whatever clock it has. */
const FORGOTTEN_MS = 3_600_000
const LEAVE_WITHIN_MS = 500

export function makeWorkerPulse({ redis, keys, name, running, onFault }: WorkerPulseParts): WorkerPulse {
  const beat = async (): Promise<number> => {
    if ((await redis.exists(keys.pulse)) === 0) await redis.set(keys.unsettled, name, 'PX', UNSETTLED_MS)
    await redis.set(keys.pulse, name, 'PX', AWAY_AFTER_MS)
    // First the time, then the look: who was let in before that time is among them.
    const [seconds, micros] = await redis.time()
    const at = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
    await redis.set(keys.worker(name), writeWord(at, running()), 'PX', LIVES_MS)
    const now = Date.now()
    await redis.zadd(keys.workers, now, name)
    await redis.zremrangebyscore(keys.workers, '-inf', now - FORGOTTEN_MS)
    await redis.pexpire(keys.workers, FORGOTTEN_MS)
    return EVERY_MS
  }
  const service = makeService({
    ...{ name: 'saying that this worker lives', round: beat, onFault },
    leave: () => redis.zrem(keys.workers, name),
    stopWithinMs: LEAVE_WITHIN_MS,
  })
  return { ...service, runs: makeWorkerRuns(redis, keys) }
}

/** Names of workers. */
export interface KnownWorkers {
  readonly alive: ReadonlySet<string>
  /** Those that lived within the last hour. */
  readonly listed: ReadonlySet<string>
}

export async function readWorkers(redis: RedisClient, keys: Keys): Promise<KnownWorkers> {
  const names = await redis.zrange(keys.workers, '0', '-1')
  const alive = await together(
    redis,
    names.map((name) => (on) => on.exists(keys.worker(name))),
  )
  return { alive: new Set(names.filter((_, index) => alive[index] === 1)), listed: new Set(names) }
}
