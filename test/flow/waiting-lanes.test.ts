// How a worker waits for jobs of a lane: it is told of them, and asks Redis no more than it must meanwhile.
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest'
import { makeServedLane, type ServedLane } from '../../src/execute/served-lane.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { parseLaneName } from '../../src/job/lane.ts'
import { makeLaneRegistry } from '../../src/lanes/lane-registry.ts'
import { makeOverrideStore } from '../../src/lanes/override-store.ts'
import { makePaceStore } from '../../src/lanes/pace/pace-store.ts'
import { makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { type LaneWorker, startLaneWorker } from '../../src/lanes/queue/lane-worker.ts'
import type { RunJob } from '../../src/lanes/queue/taken-job.ts'
import { servesRegions } from '../../src/lanes/served-lanes.ts'
import { closeRedis, connectRedis, type RedisClient } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { NO_QUOTA } from '../../src/rules/lane-quota.ts'

const LANE = 'default@eu-west-1@m' as LaneName
/** Sooner than a worker looks by itself. */
const PATIENCE = { timeout: 10_000 }

let keys: Keys
let connections: RedisClient[]
let workers: LaneWorker[]
const errors: unknown[] = []

function connect(name: string): RedisClient {
  const redis = connectRedis({ target: redisAt(inject('redisUrl')), name, onError: () => undefined })
  connections.push(redis)
  return redis
}

beforeEach(() => {
  keys = makeKeys(`test-${randomUUID()}`)
  ;[connections, workers] = [[], []]
})
afterEach(async () => {
  for (const worker of workers ?? []) await worker.close()
  await Promise.all((connections ?? []).map(closeRedis))
  expect(errors).toEqual([])
})

/** A worker of the lane as a process has it, which is told of lanes. */
async function serve(
  redis: RedisClient,
  run: RunJob<ServedLane>,
  requestsPerMinute: number | null,
  busyMs: () => number = () => 0,
): Promise<ServedLane> {
  const onError = (error: unknown) => void errors.push(error)
  const registry = makeLaneRegistry(redis, keys)
  const served = makeServedLane(LANE, parseLaneName(LANE), {
    store: makePaceStore(redis, keys, `worker ${workers.length}`),
    ...{ quotaOf: () => ({ ...NO_QUOTA, requestsPerMinute }), spilloverOf: () => null, random: Math.random },
    ...{ now: () => performance.now(), onOutage: () => undefined, onFailure: onError },
    reopen: () => undefined,
  })
  const stopping = new AbortController().signal
  const options = { redis, keys, concurrency: 10, now: Date.now, run, busyMs, stopping, onError }
  const worker = startLaneWorker(served, { ...options, wakeOthers: async () => undefined })
  workers.push(worker)
  await registry.subscribe(connect('listening'), {
    wake: () => worker.wake(),
    reopen: () => worker.reopen(),
    wakeAll: () => undefined,
  })
  return served
}

async function add(redis: RedisClient, ids: readonly string[]): Promise<void> {
  const queues = makeLaneQueues(redis, keys, (error) => errors.push(error))
  for (const id of ids) await queues.put(LANE, { id: `z-${id}-1`, name: '10000 t p 1 @10000', payload: id })
  await queues.close()
}

describe('a worker that waits', () => {
  it('gets a later job at once, in any of several lanes, without a connection for each lane', async () => {
    const redis = connect('commands')
    const ran: string[] = []
    const run: RunJob<ServedLane> = async ({ payload }) => {
      ran.push(payload)
      return { kind: 'finished' }
    }
    await serve(redis, run, null)
    await serve(redis, run, null)
    await add(redis, ['1'])
    await expect.poll(() => ran, PATIENCE).toEqual(['1'])
    await add(redis, ['2'])
    await expect.poll(() => ran, PATIENCE).toEqual(['1', '2'])
    const names = String(await redis.client('LIST')).match(/ name=\S+/g) ?? []
    expect(names.filter((name) => name.includes(keys.prefix))).toEqual([])
  })

  it('starts each job before it fetches another', async () => {
    const redis = connect('commands')
    const active: number[] = []
    const ended = Promise.withResolvers<void>()
    const run: RunJob<ServedLane> = async () => {
      active.push(await redis.llen(`${keys.prefix}:${keys.queue(LANE)}:active`))
      await ended.promise
      return { kind: 'finished' }
    }
    onTestFinished(() => ended.resolve())
    await add(redis, ['1', '2', '3', '4'])
    await serve(redis, run, 60_000)
    await expect.poll(() => active.length, PATIENCE).toBe(4)
    ended.resolve()
    // A fetch may have been sent while this was asked.
    expect(active[0]).toBeLessThanOrEqual(2)
  })

  it('fetches no further job while its process is busy', async () => {
    const redis = connect('commands')
    let [isBusy, begun] = [false, 0]
    const ended = Promise.withResolvers<void>()
    const run: RunJob<ServedLane> = async () => {
      begun += 1
      if (begun === 2) isBusy = true
      await ended.promise
      return { kind: 'finished' }
    }
    await add(redis, ['1', '2', '3', '4', '5', '6'])
    let asked = 0
    await serve(redis, run, 60_000, () => {
      asked += 1
      return isBusy ? 5 : 0
    })
    onTestFinished(() => ended.resolve())
    await expect.poll(() => begun, PATIENCE).toBeGreaterThanOrEqual(2)
    const askedBefore = asked
    await expect.poll(() => asked, PATIENCE).toBeGreaterThan(askedBefore + 3)
    // One may have been asked for before.
    expect(begun).toBeLessThanOrEqual(3)
    isBusy = false
    await expect.poll(() => begun, PATIENCE).toBe(6)
    ended.resolve()
  })

  it('fetches no job while the next turn is far away, and goes on when an operator raises the pace', async () => {
    const redis = connect('commands')
    const sent: string[] = []
    let fetched = 0
    const run: RunJob<ServedLane> = async ({ payload }, lane) => {
      fetched += 1
      const turn = await lane.turns.take(
        { tokens: 0, stays: false, waitedMs: 0 },
        new AbortController().signal,
      )
      if (turn.kind !== 'go') return { kind: 'requeued' }
      await lane.turns.end(turn.turn, { end: 'ok', used: 0, retryAfterMs: 0 })
      sent.push(payload)
      return { kind: 'finished' }
    }
    await serve(redis, run, 1)
    await add(redis, ['1', '2', '3'])
    const limiter = keys.queueKey(LANE, 'limiter')
    await expect.poll(() => redis.pttl(limiter), PATIENCE).toBeGreaterThan(30_000)
    const before = fetched
    expect(sent).toEqual(['1'])
    await makeOverrideStore(redis, keys).set(LANE, { requestsPerMinute: 6_000 }, 'ann')
    await expect.poll(() => sent, PATIENCE).toEqual(['1', '2', '3'])
    expect(fetched - before).toBeLessThanOrEqual(4)
  })
})

describe('the information whether a lane is served', () => {
  it('comes from the regions of the connected workers', async () => {
    const redis = connect('commands')
    const isServed = async (): Promise<readonly boolean[]> => {
      const queues = makeLaneQueues(redis, keys, (error) => errors.push(error))
      const lanes = [LANE, 'default@us-east-1@m' as LaneName]
      return Promise.all(lanes.map(queues.isServed))
    }
    expect(await isServed()).toEqual([false, false])
    await connect(`quarry-${servesRegions(keys.prefix, ['eu-west-1', 'eu-west-3'])}`).ping()
    expect(await isServed()).toEqual([true, false])
    await connect(`quarry-${servesRegions(keys.prefix, undefined)}`).ping()
    expect(await isServed()).toEqual([true, true])
  })
})
