// Jobs that wait longer than their lease, and jobs whose instance is cancelled: on a gateway that keeps leases, and
// with a real Redis and the stand-in.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { Queue } from 'bullmq'
import { beforeEach, describe, expect, inject, it } from 'vitest'
import type { SimStats } from '../../sim/sim.ts'
import type { JobKey } from '../../src/job/ids.ts'
import { queuedJobId } from '../../src/job/queued-job.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import type { QuarryEvents } from '../../src/telemetry/events.ts'
import type { RunningProcess } from '../../workers/all-in-one.ts'
import type { FakeGateway } from '../camunda/fake-gateway.ts'
import { converseJob } from './connector-jobs.ts'
import { onFakeGateway } from './on-fake-gateway.ts'
import { until } from './quarry-process.ts'

const on = onFakeGateway()
let gateway: FakeGateway
let quarry: RunningProcess
let jobType: string

beforeEach(() => {
  gateway = on.gateway
})

async function start(overrides: Record<string, string>): Promise<void> {
  ;({ quarry, jobType } = await on.start(overrides))
}

function addJob(model: string): JobKey {
  return gateway.addJob(converseJob(jobType, model))
}

async function stats(model: string): Promise<{ requests: number }> {
  const all = (await (await fetch(`${inject('simUrl')}/__sim/stats`)).json()) as SimStats
  const found = Object.entries(all.lanes).find(([lane]) => lane.endsWith(`|${model}`))
  return found?.[1] ?? { requests: 0 }
}

function withdrawals(): QuarryEvents['withdrawn'][0][] {
  const seen: QuarryEvents['withdrawn'][0][] = []
  quarry.events.on('withdrawn', (event) => seen.push(event))
  return seen
}

describe('jobs that wait ten times longer than their lease', () => {
  it('are handed out once, and called once', async () => {
    await start({ QUARRY_LEASE: 'PT2S', QUARRY_DEFAULT_RPM: '30' })
    const model = `waiting@${randomUUID()}`
    const keys = Array.from({ length: 11 }, () => addJob(model))
    await Promise.all(keys.map((key) => gateway.ended(key)))
    expect(keys.map((key) => gateway.job(key).activations)).toEqual(keys.map(() => 1))
    expect((await stats(model)).requests).toBe(11)
  })

  it.each(['PT3S', 'PT5M'])('come back when their lane has lost them, with a lease of %s', async (lease) => {
    await start({ QUARRY_LEASE: lease, QUARRY_LANE_CONCURRENCY: '1' })
    const model = `slow-4000@${randomUUID()}`
    const first = addJob(model)
    await until('the first is called', async () => (await stats(model)).requests === 1)
    const accepted = once(quarry.events, 'accepted')
    const second = addJob(model)
    const [{ lane, jobKey }] = await accepted
    const redis = connectRedis({
      target: redisAt(inject('redisUrl')),
      name: 'test',
      onError: () => undefined,
    })
    const prefix = jobType.replace('test:', 'test-')
    const keys = makeKeys(prefix)
    const queue = new Queue(keys.queue(lane), { connection: redis, prefix, skipMetasUpdate: true })
    const epoch = await redis.hget(keys.job(jobKey), 'epoch')
    await until('the second waits', async () => (await queue.getPrioritizedCount()) === 1)
    expect(await queue.remove(queuedJobId(jobKey, Number(epoch)))).toBe(1)
    await queue.close()
    await closeRedis(redis)
    await Promise.all([gateway.ended(first), gateway.ended(second)])
    expect(gateway.job(second).activations).toBe(2)
    expect((await stats(model)).requests).toBe(2)
  })

  it('keep their lease when its first extension fails', async () => {
    await start({ QUARRY_LEASE: 'PT3S' })
    gateway.answerNext(2, { status: 'RESOURCE_EXHAUSTED', method: 'UpdateJobTimeout' })
    const model = `slow-6000@${randomUUID()}`
    const delayed = new Promise((resolve) => quarry.events.once('leaseDelayed', resolve))
    const key = addJob(model)
    await delayed
    await gateway.ended(key)
    expect(gateway.job(key).activations).toBe(1)
  })
})

describe('a job whose instance is cancelled', () => {
  it('while it waits is removed from its lane, and never sent', async () => {
    await start({ QUARRY_LEASE: 'PT1S', QUARRY_LANE_CONCURRENCY: '1' })
    const seen = withdrawals()
    const model = `slow-100000@${randomUUID()}`
    const first = addJob(model)
    await until('the first is called', async () => (await stats(model)).requests === 1)
    const second = addJob(model)
    await until('the second is handed out', async () => gateway.job(second).activations === 1)
    gateway.cancelJob(second)
    await until('the second is withdrawn', async () => seen.length === 1)
    expect(seen).toMatchObject([{ jobKey: second, was: 'queued' }])
    addJob(model)
    gateway.cancelJob(first)
    await until('the third is called', async () => (await stats(model)).requests === 2)
    expect(gateway.job(second).activations).toBe(1)
    const metrics = await (await fetch(`${quarry.url}/metrics`)).text()
    expect(metrics).toMatch(/^quarry_jobs_withdrawn_total\{.*was="queued".*\} 1$/m)
  })

  it('while it runs ends its call, and makes room for the next', async () => {
    await start({ QUARRY_LEASE: 'PT1S', QUARRY_LANE_CONCURRENCY: '1' })
    const seen = withdrawals()
    const model = `slow-100000@${randomUUID()}`
    const first = addJob(model)
    await until('the first is called', async () => (await stats(model)).requests === 1)
    gateway.cancelJob(first)
    await until('the first is withdrawn', async () => seen.length === 1)
    expect(seen).toMatchObject([{ jobKey: first, was: 'running' }])
    addJob(model)
    await until('the next one is called', async () => (await stats(model)).requests === 2)
  })
})

describe('a lane that is stuck', () => {
  it('does not fill the backlog for others, and its jobs are not lost', async () => {
    const small = { QUARRY_MAX_BACKLOG: '20', QUARRY_MAX_LANE_BACKLOG: '10', QUARRY_LANE_CONCURRENCY: '5' }
    await start({ QUARRY_LEASE: 'PT5S', ...small })
    const stuck = `slow-100000@${randomUUID()}`
    const keys = Array.from({ length: 60 }, () => addJob(stuck))
    await until('the stuck lane has its share', async () => (await stats(stuck)).requests === 5)
    const free = `free@${randomUUID()}`
    const others = Array.from({ length: 10 }, () => addJob(free))
    await Promise.all(others.map((key) => gateway.ended(key)))
    const metrics = await (await fetch(`${quarry.url}/metrics`)).text()
    expect(metrics).toMatch(/^quarry_jobs_returned_total\{reason="laneFull"\} [1-9]/m)
    expect(keys.map((key) => gateway.job(key).state).filter((state) => state === 'failed')).toEqual([])
  })
})
