// Jobs so large that an adapter's memory has room for one or two of them, pushed and polled: on a gateway that hands out as many as it is
// asked for, and with an adapter as a process of its own, whose heap is smaller than what comes at a time.
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterEach, expect, inject, it } from 'vitest'
import type { JobKey } from '../../src/job/ids.ts'
import { laneName } from '../../src/job/lane.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { startFakeGateway } from '../camunda/fake-gateway.ts'
import { converseJob } from './connector-jobs.ts'
import { readSamples, sumOf } from './metric-samples.ts'
import { environment, jobTypeOf, startQuarryProcess, until } from './quarry-process.ts'

const HEAP_MB = 128
/** Three megabytes each, and twice as much as text in memory, for its dash: together as much as the heap. */
const JOBS = 24
const TEXT = `Hello – ${'there. '.repeat(440_000)}`

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

it('large jobs neither crash an adapter nor get lost, and none is queued twice', async () => {
  const gateway = await startFakeGateway({ jobsPerMessage: 1, record: false })
  stops.push(() => gateway.stop())
  const env = environment({
    ZEEBE_GRPC_ADDRESS: gateway.address,
    QUARRY_MAX_BACKLOG_BYTES: String(4 * 1024 ** 3),
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
  })
  const redis = new Redis(inject('redisUrl'))
  stops.push(() => redis.quit())
  const keys = makeKeys(env['QUARRY_REDIS_PREFIX'] ?? '')
  const model = `large@${randomUUID()}`
  const addJob = (text: string): JobKey => {
    const job = converseJob(jobTypeOf(env), model)
    const data = JSON.stringify({ modelId: model, newMessage: text })
    return gateway.addJob({ ...job, variables: { ...job.variables, data } })
  }
  const add = (count: number): readonly JobKey[] => Array.from({ length: count }, () => addJob(TEXT))
  const waiting = add(JOBS)
  const quarry = await startQuarryProcess({ args: ['--roles', 'adapter'], env })
  stops.push(quarry.stop)
  const lane = laneName({ account: 'default', region: 'eu-west-1', model })
  const queued = (): Promise<number> => redis.zcard(keys.prioritized(lane))
  await until('those that waited are in their lane', async () => (await queued()) === JOBS)
  // Small ones have it open its stream again, as those that came last were not large.
  const small = Array.from({ length: 100 }, () => addJob('Hello there'))
  await until('a stream is open', async () => gateway.streamCount() > 0)
  const pushed = add(JOBS)
  const all = [...waiting, ...small, ...pushed]
  await until('all are in their lane', async () => (await queued()) === all.length)
  const samples = readSamples((await quarry.get('/metrics')).text)
  expect(sumOf(samples, 'quarry_jobs_accepted_total', { acceptance: 'new' })).toBe(all.length)
  expect(sumOf(samples, 'quarry_jobs_returned_total', { reason: 'adapterFull' })).toBeGreaterThan(0)
  expect(quarry.output()).not.toContain('heap out of memory')
})
