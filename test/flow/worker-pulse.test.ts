// Whether a worker lives, as others can tell by what it says in Redis.
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { makeWorkerPulse, readWorkers, type WorkerPulse } from '../../src/ledger/worker-pulse.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { until } from './quarry-process.ts'

const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
let keys: Keys
let round = 0

beforeEach(() => {
  round += 1
  keys = makeKeys(`test-pulse-${process.pid}-${Date.now()}-${round}`)
})
afterAll(() => closeRedis(redis))

const LONG_AGO = 1

async function now(): Promise<number> {
  return Number((await redis.time())[0]) * 1_000
}

function pulse(name: string, running: readonly string[] = []): WorkerPulse {
  return makeWorkerPulse({ redis, keys, name, running: () => running, onFault: () => undefined })
}

async function begun(name: string, running?: readonly string[]): Promise<WorkerPulse> {
  const worker = pulse(name, running)
  worker.start()
  await until('it has said so', async () => (await redis.exists(keys.worker(name))) === 1)
  return worker
}

describe('a worker', () => {
  it('counts as running the jobs that it runs, and no others', async () => {
    const one = await begun('one', ['z-1-1'])
    const two = pulse('two')
    expect(await two.runs('one', 'z-1-1', LONG_AGO)).toBe(true)
    expect(await two.runs('one', 'z-1-2', LONG_AGO)).toBe(false)
    await one.stop()
  })

  it('that claimed a job after its last pulse counts as running it', async () => {
    const one = await begun('one')
    const two = pulse('two')
    expect(await two.runs('one', 'z-1-1', await now())).toBe(true)
    expect(await two.runs('one', 'z-1-1', LONG_AGO)).toBe(false)
    await one.stop()
  })

  it('of a version whose pulse has no time is trusted', async () => {
    await redis.set(keys.worker('old'), JSON.stringify(['z-1-1']))
    const two = pulse('two')
    expect(await two.runs('old', 'z-1-1', await now())).toBe(true)
    expect(await two.runs('old', 'z-1-2', await now())).toBe(false)
  })

  it('without a pulse counts as dead, unless Redis was away and it may not have had the time', async () => {
    const two = await begun('two')
    expect(await two.runs('dead', 'z-1-1', LONG_AGO)).toBe(true)
    await redis.del(keys.unsettled)
    expect(await two.runs('dead', 'z-1-1', LONG_AGO)).toBe(false)
    await two.stop()
    await redis.del(keys.pulse)
    expect(await two.runs('dead', 'z-1-1', LONG_AGO)).toBe(true)
    await (await begun('three')).stop()
    expect(await two.runs('dead', 'z-1-1', LONG_AGO)).toBe(true)
  })

  it('counts as alive until it stops, or sends no pulse for a while', async () => {
    const [one, two] = await Promise.all([begun('one'), begun('two')])
    const both = async (): Promise<boolean> => (await readWorkers(redis, keys)).alive.size === 2
    await until('both are listed', both)
    await one.stop()
    expect([...(await readWorkers(redis, keys)).listed]).toEqual(['two'])
    await two.stop()
    // As one that was killed, or lost its way to Redis.
    await redis.zadd(keys.workers, Date.now(), 'killed')
    expect(await readWorkers(redis, keys)).toEqual({ alive: new Set(), listed: new Set(['killed']) })
  })

  it('leaves no permanent key behind', async () => {
    await (await begun('one')).stop()
    const found = await redis.keys(`${keys.prefix}:*`)
    expect(found).toHaveLength(3)
    for (const key of found) expect(await redis.pttl(key)).toBeGreaterThan(0)
  })
})
