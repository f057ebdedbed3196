// Requests that adapters leave one another, on the real Redis.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { jobKey } from '../../src/job/ids.ts'
import { makeRetryInbox, makeRetryRequests, type TakenRetry } from '../../src/ledger/retry-requests.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'

let redis: ReturnType<typeof connectRedis>

beforeAll(() => {
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
})
afterAll(() => redis && closeRedis(redis))

it('retry requests of a dead adapter are found behind many in progress, and behind trimmed ones', async () => {
  const keys = makeKeys(`test-${randomUUID()}`)
  const requests = makeRetryRequests(redis, keys)
  const [living, dead, next] = ['living', 'dead', 'next'].map((name) => makeRetryInbox(redis, keys, name))
  if (living === undefined || dead === undefined || next === undefined) throw new Error('no inboxes')
  await living.prepare()
  const make = async (count: number): Promise<void> => {
    for (let n = 1; n <= count; n += 1)
      await requests.make({ key: jobKey(String(n)), retries: 1, by: 'ann@desk', lately: false })
  }
  const takeAll = async (inbox: typeof living, deadAfterMs: number): Promise<TakenRetry[]> => {
    const all: TakenRetry[] = []
    for (let taken = await inbox.take(deadAfterMs); taken !== null; taken = await inbox.take(deadAfterMs))
      all.push(taken)
    return all
  }
  const DAY_MS = 24 * 3_600_000
  await make(30)
  const underWay = await takeAll(living, DAY_MS)
  await make(12)
  const left = await takeAll(dead, DAY_MS)
  expect([underWay.length, left.length]).toEqual([30, 12])
  // As if their taker had been silent for two days.
  for (const { entryId } of left)
    await redis.call('xclaim', keys.retries, 'adapters', 'dead', 0, entryId, 'IDLE', 2 * DAY_MS, 'JUSTID')
  await redis.xdel(keys.retries, ...left.slice(0, 5).map(({ entryId }) => entryId))
  expect((await takeAll(next, DAY_MS)).map(({ id }) => id)).toEqual(left.slice(5).map(({ id }) => id))
})

it('adapters are notified of a new retry request', async () => {
  const keys = makeKeys(`test-${randomUUID()}`)
  const inbox = makeRetryInbox(redis, keys, 'adapter')
  await inbox.prepare()
  const listening = connectRedis({
    target: redisAt(inject('redisUrl')),
    name: 'listening',
    onError: () => undefined,
  })
  try {
    const heard = Promise.withResolvers<TakenRetry | null>()
    await inbox.subscribe(listening, () => void inbox.take(60_000).then(heard.resolve, heard.reject))
    const request = { key: jobKey('1'), retries: 1, by: 'ann@desk', lately: false }
    const id = await makeRetryRequests(redis, keys).make(request)
    expect(await heard.promise).toMatchObject({ id, ...request })
  } finally {
    await closeRedis(listening)
  }
})
