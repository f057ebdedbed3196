// The order of a lane in Redis: the same as the pure one, and kept on every way that BullMQ puts a job back.
import { randomUUID } from 'node:crypto'
import { Queue, Worker } from 'bullmq'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import type { LaneName } from '../../src/job/ids.ts'
import { FIRST_TAG, type Place, TURN, turnCost } from '../../src/lanes/order/fair-order.ts'
import { NEW_PRIORITY, placeName } from '../../src/lanes/order/lane-order.ts'
import { type LaneQueues, makeLaneQueues, type NewQueuedJob } from '../../src/lanes/queue/lane-queues.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { laneSteps, makeLaneModel } from '../lanes/order/lane-model.ts'

const LANE = 'default@eu-west-1@m' as LaneName
const TOKEN = 'token'
let redis: ReturnType<typeof connectRedis>
let keys: Keys
let queues: LaneQueues
let worker: Worker<{ payload: string }>
let queue: Queue<{ payload: string }>

beforeAll(() => {
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
})
afterAll(() => redis && closeRedis(redis))
beforeEach(() => makeLane())
afterEach(() => closeLane())

/** A lane with nothing in it. */
function makeLane(): void {
  keys = makeKeys(`test-${randomUUID()}`)
  queues = makeLaneQueues(redis, keys, () => undefined)
  const options = { connection: redis, prefix: keys.prefix }
  // Takes jobs only when it is told to.
  worker = new Worker(keys.queue(LANE), null, { ...options, lockDuration: 30_000 })
  queue = new Queue(keys.queue(LANE), options)
}

async function closeLane(): Promise<void> {
  await Promise.all([queues.close(), worker.close(), queue.close()])
}

let made = 0
function jobs(count: number, flow: string, weight = 1): NewQueuedJob[] {
  return Array.from({ length: count }, () => {
    made += 1
    const place: Place = { tenant: 't', flow: `t ${flow}`, cost: turnCost(weight), tenantCost: turnCost(1) }
    return { id: `z-${1_000_000 + made}-1`, payload: 'p', place, waited: false }
  })
}

const ids = (some: readonly { id: string }[]) => some.map(({ id }) => id)

async function take() {
  const job = await worker.getNextJob(TOKEN, { block: false })
  if (job === undefined) throw new Error('Nothing waits')
  return job
}

async function takeIds(count: number): Promise<string[]> {
  const taken: string[] = []
  for (let index = 0; index < count; index += 1) taken.push((await take()).id ?? '')
  return taken
}

describe('the order in Redis', () => {
  it('equals that of the pure model, whatever jobs are added, taken and removed', async () => {
    await fc.assert(
      fc.asyncProperty(laneSteps(40, { tenants: 3 }), async (steps) => {
        await closeLane()
        makeLane()
        const model = makeLaneModel()
        for (const step of steps) {
          if (step.do === 'add') {
            const coming = model.add(step.turns)
            await queues.add(
              LANE,
              coming.map((place) => ({ id: place.id, payload: 'p', place, waited: false })),
            )
          } else if (step.do === 'remove') {
            const removed = model.remove(step.pick)
            if (removed !== undefined) await queues.remove(LANE, removed.id)
          } else {
            const expected = model.take()
            if (expected !== undefined) expect((await take()).id).toBe(expected.id)
          }
        }
        const waiting = await redis.zrange(keys.prioritized(LANE), '0', '-1', 'WITHSCORES')
        expect(waiting).toEqual(model.waiting().flatMap(({ id, tag }) => [id, String(tag)]))
      }),
      { numRuns: 30 },
    )
  })

  it('lets an urgent job pass 200 waiting jobs', async () => {
    await queues.add(LANE, jobs(200, 'crowd'))
    const [urgent] = jobs(1, 'urgent', 16)
    if (urgent === undefined) throw new Error('none')
    await queues.add(LANE, [urgent])
    expect(await takeIds(2)).toContain(urgent.id)
  })

  it('is not changed by adding the same job again', async () => {
    const some = [...jobs(3, 'a'), ...jobs(3, 'b', 3)]
    await queues.add(LANE, some)
    const before = await redis.zrange(keys.prioritized(LANE), '0', '-1', 'WITHSCORES')
    const flows = await redis.zrange(keys.ranks(LANE), '0', '-1', 'WITHSCORES')
    await queues.add(LANE, some)
    await queues.add(
      LANE,
      some.map((job) => ({ ...job, waited: true })),
    )
    expect(await redis.zrange(keys.prioritized(LANE), '0', '-1', 'WITHSCORES')).toEqual(before)
    expect(await redis.zrange(keys.ranks(LANE), '0', '-1', 'WITHSCORES')).toEqual(flows)
  })
})

describe('a job of an earlier version', () => {
  it('keeps its place, and later jobs of its flow are behind it', async () => {
    const old = Array.from({ length: 3 }, (_, index) => `z-${index + 1}-1`)
    for (const [index, jobId] of old.entries()) {
      await queue.add(
        `${TURN} t a`,
        { payload: 'p' },
        { jobId, priority: NEW_PRIORITY, removeOnComplete: true },
      )
      await redis.hset(keys.queued(LANE, jobId), 'priority', 1_024)
      await redis.zadd(keys.prioritized(LANE), FIRST_TAG + index * TURN, jobId)
    }
    await redis.zadd(keys.earlierRanks(LANE), FIRST_TAG + 3 * TURN, 't a')
    const more = jobs(2, 'a')
    await queues.add(LANE, more)
    expect(await takeIds(5)).toEqual([...old, ...ids(more)])
  })

  it('without a place gets one when the next job is added', async () => {
    await queue.add(`${TURN} t a`, { payload: 'p' }, { jobId: 'z-1-1', priority: NEW_PRIORITY })
    await queues.add(LANE, jobs(1, 'a'))
    expect(Number(await redis.zscore(keys.prioritized(LANE), 'z-1-1'))).toBeLessThanOrEqual(FIRST_TAG + TURN)
  })
})

describe('tenants', () => {
  it('get half of the turns each, though one of them has a hundred processes and priorities', async () => {
    const [one, other] = ['one', 'other'].map(
      (tenant) =>
        (job: NewQueuedJob): NewQueuedJob => ({
          ...job,
          place: { ...job.place, tenant, flow: `${tenant} ${job.place.flow}` },
        }),
    )
    if (one === undefined || other === undefined) throw new Error('none')
    await queues.add(LANE, jobs(50, 'mine').map(other))
    for (let process = 0; process < 100; process += 1)
      await queues.add(LANE, jobs(2, `p-${process}`, 2 ** (process % 10)).map(one))
    const names: string[] = []
    for (let turn = 0; turn < 80; turn += 1) names.push((await take()).name)
    expect(names.filter((name) => name.includes(' other ')).length).toBeGreaterThanOrEqual(39)
  })

  it('that have had all their turns leave no keys behind but those that the next needs', async () => {
    await queues.add(LANE, jobs(50, 'a'))
    await takeIds(50)
    await queues.add(LANE, jobs(1, 'b'))
    expect(await redis.zcard(keys.turns(LANE))).toBe(1)
    expect(await redis.zcard(keys.ranks(LANE))).toBe(2)
  })
})

describe('a job without a place', () => {
  it('goes behind the waiting jobs when the next job is added: its adapter may have died', async () => {
    const waiting = jobs(2, 'a')
    await queues.add(LANE, waiting)
    const [left] = jobs(1, 'b')
    if (left === undefined) throw new Error('none')
    await queue.add(
      placeName(left.place),
      { payload: 'p' },
      { jobId: left.id, priority: NEW_PRIORITY, removeOnComplete: true },
    )
    expect(await redis.zrange(keys.prioritized(LANE), '-1', '-1')).toEqual([left.id])
    await queues.add(LANE, jobs(1, 'a'))
    // Next but for the one job of the other flow.
    expect(await redis.zscore(keys.prioritized(LANE), left.id)).toBe(String(FIRST_TAG + TURN))
  })

  it('that is taken at once is charged to its flow, and comes back at the front', async () => {
    const [early] = jobs(1, 'a')
    if (early === undefined) throw new Error('none')
    await queue.add(placeName(early.place), { payload: 'p' }, { jobId: early.id, priority: NEW_PRIORITY })
    const job = await take()
    await queues.add(LANE, [early, ...jobs(3, 'a'), ...jobs(1, 'b')])
    await job.moveToWait(TOKEN)
    expect((await take()).id).toBe(early.id)
    expect((await take()).name).toContain(' t b ')
  })
})

describe('a job that was taken goes before all waiting jobs', () => {
  const waitingIds = async () => {
    const crowd = jobs(20, 'crowd')
    await queues.add(LANE, crowd)
    return ids(crowd)
  }

  it('when it is put back', async () => {
    await waitingIds()
    const job = await take()
    await job.moveToWait(TOKEN)
    expect((await take()).id).toBe(job.id)
  })

  it('when it was delayed, in the order in which they were due', async () => {
    await waitingIds()
    const [first, second] = [await take(), await take()]
    const dueAt = Date.now() + 2
    await second.moveToDelayed(dueAt - 1, TOKEN)
    await first.moveToDelayed(dueAt, TOKEN)
    await expect.poll(() => Date.now()).toBeGreaterThan(dueAt)
    expect(await takeIds(2)).toEqual([second.id, first.id])
  })

  it('when its worker died', async () => {
    await waitingIds()
    const job = await take()
    await redis.del(`${keys.queued(LANE, job.id ?? '')}:lock`)
    const checker = new Worker(keys.queue(LANE), null, {
      ...{ connection: redis, prefix: keys.prefix },
      ...{ stalledInterval: 50, maxStalledCount: 10 },
    })
    const stalled = new Promise((resolve) => checker.once('stalled', resolve))
    await checker.startStalledCheckTimer()
    expect(await stalled).toBe(job.id)
    await checker.close()
    expect((await take()).id).toBe(job.id)
  })

  it('when it is added again because its lane had lost it', async () => {
    await waitingIds()
    const [lost] = jobs(1, 'crowd')
    if (lost === undefined) throw new Error('none')
    await queues.add(LANE, [{ ...lost, waited: true }])
    expect((await take()).id).toBe(lost.id)
  })
})

describe('waiting jobs', () => {
  it('keep their places while their lane is paused', async () => {
    const crowd = jobs(5, 'crowd')
    await queues.add(LANE, crowd)
    await queue.pause()
    await queues.add(LANE, jobs(1, 'crowd'))
    await queue.resume()
    expect(await takeIds(5)).toEqual(ids(crowd))
  })

  it('do not wait for the turns of removed jobs', async () => {
    const gone = jobs(50, 'a')
    await queues.add(LANE, [...gone, ...jobs(20, 'b')])
    for (const { id } of gone) await queues.remove(LANE, id)
    const [next] = jobs(1, 'a')
    if (next === undefined) throw new Error('none')
    await queues.add(LANE, [next])
    expect(await takeIds(2)).toContain(next.id)
  })

  it('go after the jobs that an older version added without a place', async () => {
    await queues.add(LANE, jobs(3, 'a'))
    await queue.add('call', { payload: 'p' }, { jobId: 'z-1-1' })
    expect(await takeIds(1)).toEqual(['z-1-1'])
  })
})
