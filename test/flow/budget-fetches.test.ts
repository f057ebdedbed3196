// Jobs that a budget refuses leave the lane's fetches to those that may be sent, and are found when budgets change.
import { randomUUID } from 'node:crypto'
import { Queue } from 'bullmq'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest'
import { makeServedLane, type ServedLane } from '../../src/execute/served-lane.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { parseLaneName } from '../../src/job/lane.ts'
import { makePaceStore } from '../../src/lanes/pace/pace-store.ts'
import { makeBudgetWaits } from '../../src/lanes/queue/budget-waits.ts'
import { makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { type LaneWorker, startLaneWorker } from '../../src/lanes/queue/lane-worker.ts'
import type { RunJob } from '../../src/lanes/queue/taken-job.ts'
import { closeRedis, connectRedis, type RedisClient } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { NO_QUOTA } from '../../src/rules/lane-quota.ts'

const LANE = 'default@eu-west-1@m' as LaneName
const CLOSED = '9007199254740991'
let redis: RedisClient
let keys: Keys
let queue: Queue<{ payload: string }>
const errors: unknown[] = []
const consumers: LaneWorker[] = []

beforeAll(() => {
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
})
afterAll(() => redis && closeRedis(redis))
beforeEach(() => {
  keys = makeKeys(`test-${randomUUID()}`)
  queue = new Queue(keys.queue(LANE), { connection: redis, prefix: keys.prefix })
})
afterEach(async () => {
  for (const consumer of consumers.splice(0)) await consumer.close()
  await queue?.close()
  expect(errors).toEqual([])
})

function consume(run: RunJob<ServedLane>, requestsPerMinute: number): void {
  const quota = { ...NO_QUOTA, requestsPerMinute }
  const open = makeServedLane(LANE, parseLaneName(LANE), {
    store: makePaceStore(redis, keys, 'test'),
    ...{ quotaOf: () => quota, spilloverOf: () => null, random: Math.random, now: () => performance.now() },
    onOutage: () => undefined,
    reopen: () => undefined,
    onFailure: (error) => errors.push(error),
  })
  const options = { redis, keys, concurrency: 10, now: Date.now, run, stopping: new AbortController().signal }
  const wakeOthers = async (): Promise<void> => undefined
  consumers.push(startLaneWorker(open, { ...options, wakeOthers, onError: (error) => errors.push(error) }))
}

it('a hundred jobs that a budget refuses do not delay a job that may be sent', async () => {
  const refused = Array.from({ length: 100 }, (_, index) => ({ name: 'j', data: { payload: `no ${index}` } }))
  await queue.addBulk(refused)
  await queue.add('j', { payload: 'yes' })
  const looks: string[] = []
  const startedAt = performance.now()
  const sent = new Promise<number>((resolve) => {
    // One fetch in about 5 s.
    consume(async ({ payload }) => {
      looks.push(payload)
      if (payload !== 'yes') return { kind: 'delayed', delayMs: 60_000, forBudget: true }
      resolve(performance.now() - startedAt)
      return { kind: 'finished' }
    }, 12)
  })
  expect(await sent).toBeLessThan(20_000)
  expect(looks).toHaveLength(101)
})

it('a budget’s refusal gives back a counted fetch, and opens no closed lane', async () => {
  const store = makePaceStore(redis, keys, 'test')
  const limiter = keys.queueKey(LANE, 'limiter')
  const after = async (value: string | null, ms = 60_000) => {
    if (value === null) await redis.del(limiter)
    else await redis.set(limiter, value, 'PX', ms)
    await store.unfetched(LANE)
    return redis.get(limiter)
  }
  expect(await after('3')).toBe('2')
  expect(await redis.pttl(limiter)).toBeGreaterThan(0)
  expect(await after('0')).toBe('0')
  expect(await after(null)).toBeNull()
  expect(await after(CLOSED)).toBe(CLOSED)
})

it('when budgets change, jobs that wait for one are due at once, and other delayed jobs are not', async () => {
  for (const payload of ['budget 1', 'suspect', 'budget 2', 'throttled']) await queue.add('j', { payload })
  const looks: string[] = []
  consume(async ({ payload }) => {
    looks.push(payload)
    if (!payload.startsWith('budget')) return { kind: 'delayed', delayMs: 60_000 }
    return looks.filter((look) => look === payload).length > 1
      ? { kind: 'finished' }
      : { kind: 'delayed', delayMs: 60_000, forBudget: true }
  }, 60_000)
  await expect.poll(() => queue.getDelayedCount(), { timeout: 20_000 }).toBe(4)
  expect(await redis.pttl(keys.budgetWaits(LANE))).toBeGreaterThan(50_000)
  const queues = makeLaneQueues(redis, keys, (error) => errors.push(error))
  await queues.promoteBudgetWaits(LANE)
  // As a worker does that is told.
  for (const consumer of consumers) consumer.wake()
  await expect.poll(() => looks.slice(4).toSorted(), { timeout: 20_000 }).toEqual(['budget 1', 'budget 2'])
  expect(await queue.getDelayedCount()).toBe(2)
  expect(await redis.exists(keys.budgetWaits(LANE))).toBe(0)
  await queues.close()
})

it('a change of budgets leaves a job alone that no longer waits for one', async () => {
  const job = await queue.add('j', { payload: 'j' })
  await makeBudgetWaits(redis, keys).add(LANE, job.id ?? '', 60_000)
  await makeBudgetWaits(redis, keys).add(LANE, 'gone', 60_000)
  const queues = makeLaneQueues(redis, keys, (error) => errors.push(error))
  await queues.promoteBudgetWaits(LANE)
  expect(await job.getState()).toBe('waiting')
  await queues.close()
})
