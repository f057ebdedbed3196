// The order of jobs that are back with Zeebe for a while, on a real Redis.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import { type AwayGroup, type AwayStore, makeAwayStore } from '../../src/lanes/away/away-store.ts'
import { closeRedis, connectRedis, type RedisClient } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { until } from './quarry-process.ts'

const LANE = 'default@eu-west-1@slow' as LaneName
const GROUP: AwayGroup = { lane: LANE, of: '' }
const key = (number: number) => jobKey(String(number))

let redis: RedisClient
let keys: Keys
let away: AwayStore

beforeAll(() => {
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
})
afterAll(() => redis && closeRedis(redis))
beforeEach(() => {
  keys = makeKeys(`test-${randomUUID().slice(0, 8)}`)
  away = makeAwayStore(redis, keys)
})

const leave = (numbers: readonly number[], order: number | null = null, awayMs = 60_000) =>
  away.leave(
    GROUP,
    numbers.map((number) => ({ key: key(number), order, awayMs, sinceMs: null })),
  )

describe('jobs that are away', () => {
  it('keep their place, whichever adapter they come back to', async () => {
    await leave([7, 3])
    await leave([5])
    const [first, second, third] = await away.arrive(GROUP, [key(5), key(7), key(9)])
    expect(first).toMatchObject({ recalled: false, older: 1 })
    expect(second).toMatchObject({ recalled: false, older: 0 })
    expect(third).toEqual({ order: null, recalled: false, older: 1, sinceMs: null })
    await leave([7], second?.order)
    expect(await away.recall(GROUP, 1)).toEqual([key(7)])
  })

  it('are called back oldest first, each by one adapter', async () => {
    await leave([1, 2, 3, 4])
    const called = await Promise.all([away.recall(GROUP, 2), makeAwayStore(redis, keys).recall(GROUP, 2)])
    expect(called.flat().toSorted()).toEqual([key(1), key(2), key(3), key(4)])
    expect(await away.look(GROUP)).toEqual({ away: 0, recalled: 4, onTheirWay: 4 })
    expect(await away.arrive(GROUP, [key(2)])).toMatchObject([{ recalled: true, older: 0 }])
    expect(await away.look(GROUP)).toMatchObject({ away: 0, recalled: 3 })
  })

  it('no longer hold others up some seconds after they were due, but keep their place', async () => {
    await leave([1], null, 1)
    await leave([2])
    await until('it is late', async () => {
      await away.recall(GROUP, 0)
      return (await away.look(GROUP)).away === 1
    })
    const [late, other] = await away.arrive(GROUP, [key(1), key(2)])
    expect(late?.order).toBeLessThan(other?.order ?? 0)
  })

  it('wait in the order of their group: of the lane, of a tenant, or of the delayed ones', async () => {
    const gold = { lane: LANE, of: 'gold' }
    await leave([1, 2])
    await away.leave(gold, [{ key: key(3), order: 7, awayMs: 60_000, sinceMs: 1_234 }])
    expect(await away.arrive(gold, [key(3), key(4)])).toEqual([
      { order: 7, recalled: false, older: 0, sinceMs: 1_234 },
      { order: null, recalled: false, older: 0, sinceMs: null },
    ])
    expect(await away.look(GROUP)).toMatchObject({ away: 2 })
    expect((await away.groups()).toSorted((one, other) => one.of.length - other.of.length)).toEqual([
      GROUP,
      gold,
    ])
  })

  it('register their lane, and leave no permanent keys behind', async () => {
    await leave([1])
    expect(await away.groups()).toEqual([GROUP])
    await away.recall(GROUP, 1)
    for (const name of ['away-recalled', 'away-due'])
      expect(await redis.pttl(keys.queueKey(LANE, name))).toBeGreaterThan(0)
    await away.drop(GROUP)
    expect(await away.groups()).toEqual([])
  })
})
