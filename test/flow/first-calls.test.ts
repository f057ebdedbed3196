// Calls that go ahead of others like them, in Redis.
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { LaneName } from '../../src/job/ids.ts'
import { type FirstCalls, makeFirstCalls } from '../../src/lanes/first-calls.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'

const lane = 'default@eu-west-1@m' as LaneName
let redis: ReturnType<typeof connectRedis>
let keys: Keys
let first: FirstCalls

beforeAll(() => {
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  keys = makeKeys(`test-${process.pid}-${Date.now()}`)
  first = makeFirstCalls(redis, keys)
})
afterAll(() => redis && closeRedis(redis))

async function goesAhead(what: string) {
  const entered = await first.enter(lane, what)
  if (typeof entered === 'string') throw new Error(entered)
  return entered
}

it('one call goes ahead while others wait, and when it has ended none waits', async () => {
  const call = await goesAhead('a')
  expect(await first.enter(lane, 'a')).toBe('wait')
  expect(typeof (await first.enter(lane, 'b'))).toBe('object')
  await call.ended(60_000)
  expect(await first.enter(lane, 'a')).toBe('known')
  expect(await redis.pttl(keys.firstCall(lane, 'a'))).toBeGreaterThan(20_000)
})

it('after a call that prepared nothing, the next one goes ahead', async () => {
  await (await goesAhead('c')).ended(0)
  await (await goesAhead('c')).ended(0)
})

it('a short wait ends after its time, though the call that went ahead has not ended', async () => {
  const times = { waitMs: 60_000, keepMs: 120_000 }
  const call = await first.enterBriefly(lane, 'e', times)
  if (typeof call === 'string') throw new Error(call)
  expect(await first.enterBriefly(lane, 'e', times)).toBe('wait')
  await redis.pexpire(keys.firstCall(lane, 'e'), 59_000)
  expect(await first.enterBriefly(lane, 'e', times)).toBe('known')
  await call.ended(30_000)
  await first.keep(lane, 'e', 90_000)
  expect(await redis.pttl(keys.firstCall(lane, 'e'))).toBeGreaterThan(30_000)
})

it('a call whose key has lapsed, as after its worker stood still, takes nothing from the one that went ahead since', async () => {
  const late = await goesAhead('d')
  expect(await redis.pttl(keys.firstCall(lane, 'd'))).toBeLessThanOrEqual(20_000)
  await redis.del(keys.firstCall(lane, 'd'))
  const next = await goesAhead('d')
  await late.ended(60_000)
  expect(await first.enter(lane, 'd')).toBe('wait')
  await next.ended(60_000)
})
