// A worker's heartbeat: every few seconds it writes which jobs it runs. Others use it to tell a dead worker from one that lost its locks
// while Redis was unreachable.

import { clockMs } from '../redis/clock.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'
import { together } from '../redis/together.ts'
import { makeService, type Service, type ServiceParts } from '../time/service.ts'

export interface WorkerPulse extends Service {
  readonly runs: WorkerRuns
}

/**
 * Whether another worker runs a queued job, by its BullMQ id. Also true while that is unknown: after Redis was unreachable, or when the
 * worker started the job after its last heartbeat.
 * @param startedAt - when that worker started the job, ms by the clock of Redis.
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

/** Whether a worker is known to be dead. False while that is unknown. */
export function makeWorkerDead(redis: RedisClient, keys: Keys): (worker: string) => Promise<boolean> {
  return async (worker) => (await redis.exists(keys.worker(worker))) === 0 && !(await unsettled(redis, keys))
}

/** Most that the clocks of a Cluster's nodes differ, ms. */
const CLOCKS_DIFFER_MS = 1_000
const SAID_AT = 'at '

/**
 * A heartbeat's text: BullMQ ids, and as one more entry the time at which they were read. Earlier versions read that as an id.
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
  /** Unique name of this worker. */
  readonly name: string
  /** BullMQ ids of the jobs that it runs. */
  readonly running: () => Iterable<string>
  readonly onFault: ServiceParts['onFault']
}

const EVERY_MS = 5_000
/** Must be shorter than BullMQ's lock, so that a worker is known to be dead when others get its jobs. */
const LIVES_MS = 20_000
/** If no worker wrote for this long, Redis was unreachable. Must be at least EVERY_MS shorter than LIVES_MS. */
const AWAY_AFTER_MS = 10_000
/** Reconnecting takes up to 5 s, and the next heartbeat 5 s more. */
const UNSETTLED_MS = 15_000
/** A worker without a heartbeat for this long is not listed, whatever its clock. */
const FORGOTTEN_MS = 3_600_000
const LEAVE_WITHIN_MS = 500

export function makeWorkerPulse({ redis, keys, name, running, onFault }: WorkerPulseParts): WorkerPulse {
  const beat = async (): Promise<number> => {
    if ((await redis.exists(keys.pulse)) === 0) await redis.set(keys.unsettled, name, 'PX', UNSETTLED_MS)
    await redis.set(keys.pulse, name, 'PX', AWAY_AFTER_MS)
    // The time first, then the list: it contains all jobs that were started before that time.
    const at = clockMs(await redis.time())
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

/** Workers by name. */
export interface KnownWorkers {
  readonly alive: ReadonlySet<string>
  /** Workers that lived within the last hour. */
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
