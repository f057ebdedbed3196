// A lane is known before there are jobs in it: an adapter may die, and Redis may refuse, between any two commands.
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { LaneName } from '../../src/job/ids.ts'
import { makeLaneRegistry } from '../../src/lanes/lane-registry.ts'
import { type LaneQueues, makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'

const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
const LANE = 'default@eu-west-1@m' as LaneName
const JOB = { id: 'z-1-1', payload: '{}' }
let keys: Keys
let queues: LaneQueues
let round = 0

beforeEach(() => {
  round += 1
  keys = makeKeys(`test-registered-${process.pid}-${Date.now()}-${round}`)
  queues = makeLaneQueues(redis, keys, () => undefined)
})
afterAll(() => closeRedis(redis))

const known = async () => (await makeLaneRegistry(redis, keys).list()).map(({ name }) => name)
const added = () =>
  queues.add(LANE, [
    { ...JOB, place: { tenant: 't', flow: 't p x1', cost: 1, tenantCost: 1 }, waited: false },
  ])

describe('a lane', () => {
  it('is registered even if Redis refuses its first job', async () => {
    await redis.set(keys.queueKey(LANE, 'meta'), 'not a hash')
    await expect(added()).rejects.toThrow('WRONGTYPE')
    expect(await known()).toEqual([LANE])
  })

  it('that Redis refuses to register gets no jobs', async () => {
    await redis.set(keys.lanes, 'not a sorted set')
    await expect(added()).rejects.toThrow('WRONGTYPE')
    expect(await queues.has(LANE, JOB.id)).toBe(false)
    await redis.del(keys.lanes)
  })
})
