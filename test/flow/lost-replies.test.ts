// A connection to Redis that breaks after a command was carried out and before its reply came: the client sends the
// command again, and it counts once.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import { type LaneLimits, makePaceStore } from '../../src/lanes/pace/pace-store.ts'
import { type JobStore, makeJobStore } from '../../src/ledger/job-store.ts'
import { closeRedis, connectRedis, type RedisClient } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { startTcpProxy, type TcpProxy } from '../chaos/tcp-proxy.ts'
import { until } from './quarry-process.ts'

const LANE = 'default@eu-west-1@m' as LaneName
const KEY = jobKey('2251799813685249')

let proxy: TcpProxy
/** By way of the proxy. */
let redis: RedisClient
let direct: RedisClient
let keys: Keys
let store: JobStore

beforeAll(async () => {
  const { hostname, port } = new URL(inject('redisUrl'))
  proxy = await startTcpProxy({ host: hostname, port: Number(port) })
  const onError = () => undefined
  direct = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError })
  redis = connectRedis({ target: redisAt(`redis://127.0.0.1:${proxy.port}`), name: 'test', onError })
})
afterAll(async () => {
  await (redis && closeRedis(redis))
  await (direct && closeRedis(direct))
  await proxy?.close()
})
beforeEach(() => {
  keys = makeKeys(`lost-replies-${randomUUID()}`)
  store = makeJobStore(redis, keys)
})

/** The reply to the command that is sent again, once the first one is known to be carried out. */
async function afterLostReply<T>(command: () => Promise<T>, isDone: () => Promise<boolean>): Promise<T> {
  // Scripts are known to Redis by their hash from here on: what follows is one command.
  await redis.ping()
  proxy.mute()
  const reply = command()
  await until('Redis has carried it out', isDone)
  await proxy.open()
  return reply
}

const field = (name: string) => direct.hget(keys.job(KEY), name)
const job = { key: KEY, input: 'a', deadlineMs: 9e15, retries: 3, lane: LANE, bytes: 7, leaseDueMs: 1_000 }
const answer = { after: 'called', kind: 'completed', outcome: 'answer', failedTo: null } as const
const other = { ...job, key: jobKey('2251799813685265') }

describe('a command whose reply is lost', () => {
  it('accepts a job as new, once', async () => {
    await store.accept([other])
    const replies = await afterLostReply(
      () => store.accept([job]),
      async () => (await field('state')) === 'queued',
    )
    const epoch = Number(await field('epoch'))
    expect(replies).toEqual([{ acceptance: 'new', epoch, lane: LANE, known: '' }])
    // Another activation is another command.
    expect(await store.accept([job])).toMatchObject([{ acceptance: 'adopt', epoch }])
    expect(Number(await direct.get(keys.bytes(keys.shardOf(KEY))))).toBe(14)
  })

  it('answers an epoch once, and returns that', async () => {
    const [first, { epoch: otherEpoch } = { epoch: 0 }] = await store.accept([job, other])
    const { epoch } = first ?? { epoch: 0 }
    await store.answer(other.key, otherEpoch, answer)
    const reply = await afterLostReply(
      () => store.answer(KEY, epoch, answer),
      async () => (await field('state')) === 'answered',
    )
    expect(reply).toBe(true)
    expect(await direct.xlen(keys.outbox(keys.shardOf(KEY)))).toBe(2)
    expect(await store.answer(KEY, epoch, answer)).toBe(false)
  })

  it('gives the tokens and the place of a call back once', async () => {
    const pace = makePaceStore(redis, keys, 'test')
    const limits: LaneLimits = {
      ...{ requestsPerMinute: 60, tokensPerMinute: 60_000, concurrency: 10, burstSeconds: 60 },
      asker: 'own',
    }
    const reserve = async () => {
      const granted = await pace.reserve(LANE, limits, { tokens: 10_000, waiting: 1 })
      if (granted.kind !== 'go') throw new Error('there is room for it')
      return granted.sentAt
    }
    const used = { end: 'ok', reserved: 10_000, used: 5_000, retryAfterMs: 0 } as const
    const calls = async () => Number(await direct.hget(keys.calls(LANE), 'test'))
    const first = await reserve()
    const second = await reserve()
    const third = await reserve()
    await pace.settle(LANE, limits, { ...used, sentAt: first })
    const before = Number(await direct.hget(keys.pace(LANE), 'tokens'))
    await afterLostReply(
      () => pace.settle(LANE, limits, { ...used, sentAt: second }),
      async () => (await calls()) === 1,
    )
    expect(await calls()).toBe(1)
    const given = Number(await direct.hget(keys.pace(LANE), 'tokens')) - before
    // What time brought meanwhile, 990 a second, comes on top.
    expect(given).toBeGreaterThanOrEqual(5_000)
    expect(given).toBeLessThan(9_500)
    await pace.settle(LANE, limits, { ...used, sentAt: third })
  })
})
