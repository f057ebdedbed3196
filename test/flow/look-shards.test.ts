// What shards hold, as those see it who look.
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import { type JobStore, makeJobStore } from '../../src/ledger/job-store.ts'
import { makeShardLooks, type ShardLooks } from '../../src/ledger/look-shards.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys, SHARD_NUMBERS } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'

const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
const [NOVA, SONNET] = ['default@eu-west-1@nova', 'default@eu-west-1@sonnet'] as [LaneName, LaneName]
const LANES = [NOVA, SONNET]
let keys: Keys
let store: JobStore
let looks: ShardLooks
let round = 0

beforeEach(() => {
  round += 1
  keys = makeKeys(`test-look-${process.pid}-${Date.now()}-${round}`)
  store = makeJobStore(redis, keys)
  looks = makeShardLooks(redis, keys)
})
afterAll(() => closeRedis(redis))

async function accept(number: number, lane: LaneName, input = 'same', leaseDueMs = 60_000): Promise<number> {
  const job = {
    key: jobKey(String(number)),
    input,
    lane,
    deadlineMs: 1_000,
    retries: 3,
    bytes: 10,
    leaseDueMs,
  }
  const [accepted] = await store.accept([{ ...job, deadlineMs: 1_000 + number }])
  return accepted?.epoch ?? 0
}

/** Has a job be accepted earlier than it was. */
async function age(number: number, lane: LaneName, ms: number): Promise<void> {
  const key = jobKey(String(number))
  const shard = keys.shardOf(key)
  for (const set of [keys.held(shard), keys.heldOf(shard, lane)]) await redis.zincrby(set, -ms, key)
}

const answer = (number: number, epoch: number) =>
  store.answer(jobKey(String(number)), epoch, {
    after: 'called',
    kind: 'completed',
    outcome: 'x',
    failedTo: null,
  })

describe('a look at the shards', () => {
  it('gives the age of each lane’s oldest job, over all shards', async () => {
    const epoch = await accept(1, NOVA)
    for (const number of [2, 3, 4, 5, 6]) await accept(number, NOVA)
    await age(1, NOVA, 90_000)
    await age(5, NOVA, 40_000)
    const before = await looks.look(LANES)
    expect(before).toMatchObject({ held: 6, outcomes: 0, bytes: 60, leases: 6, overdueMs: 0, outcomeMs: 0 })
    expect(before.oldestMs[0]).toBeGreaterThanOrEqual(90_000)
    expect(before.oldestMs[1]).toBe(0)
    await answer(1, epoch)
    const [nova = 0] = (await looks.look(LANES)).oldestMs
    expect(nova).toBeGreaterThanOrEqual(40_000)
    expect(nova).toBeLessThan(90_000)
  })

  it('finds a job in the lane that it waits in, after its variables led to another', async () => {
    await accept(1, NOVA)
    await accept(1, SONNET, 'changed')
    await age(1, SONNET, 5_000)
    const [nova, sonnet] = (await looks.look(LANES)).oldestMs
    expect(nova).toBe(0)
    expect(sonnet).toBeGreaterThanOrEqual(5_000)
  })

  it('gives the delay of the latest lease, and the age of the oldest outcome', async () => {
    const epoch = await accept(1, NOVA, 'same', -7_000)
    expect((await looks.look(LANES)).overdueMs).toBeGreaterThanOrEqual(7_000)
    await answer(1, epoch)
    const [seconds] = await redis.time()
    await redis.xadd(keys.outbox(3), `${Number(seconds) * 1_000 - 60_000}-0`, 'key', '3', 'epoch', '1')
    const seen = await looks.look(LANES)
    expect(seen).toMatchObject({ held: 0, outcomes: 2, leases: 0, overdueMs: 0 })
    expect(seen.outcomeMs).toBeGreaterThanOrEqual(60_000)
    expect(seen.outcomeMs).toBeLessThan(120_000)
  })

  it('drops a job from its lane that is no longer held, as when its record was lost', async () => {
    await accept(1, NOVA)
    await age(1, NOVA, 9_000)
    await redis.zrem(keys.held(1), '1')
    expect((await looks.look(LANES)).oldestMs).toEqual([0, 0])
    expect(await redis.exists(...SHARD_NUMBERS.map((shard) => keys.heldOf(shard, NOVA)))).toBe(0)
  })
})
