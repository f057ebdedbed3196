// One order, one call: against a gateway that hands jobs out again, goes away and comes back at the wrong moments.
import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import type { SimStats } from '../../sim/sim.ts'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { type RunningProcess, startRoles } from '../../workers/all-in-one.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'
import { converseJob } from './connector-jobs.ts'
import { testEnvironment } from './quarry-under-test.ts'

let gateway: FakeGateway
let quarry: RunningProcess
const stops: (() => Promise<void>)[] = []

beforeEach(async () => {
  gateway = await startFakeGateway()
  stops.push(() => gateway.stop())
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function start(overrides: Record<string, string> = {}): Promise<string> {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVDEFAULT'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'envsecret'
  const env = testEnvironment({ ZEEBE_GRPC_ADDRESS: gateway.address, ...overrides })
  const { settings } = loadSettings({ env })
  quarry = await startRoles(settings)
  stops.push(() => quarry.stop())
  return settings.jobType
}

/** The settings by which another process works on the same jobs. */
function sharedWith(type: string): Record<string, string> {
  // The job type and the prefix of a test environment carry the same id.
  return {
    ZEEBE_GRPC_ADDRESS: gateway.address,
    CONNECTOR_AWS_BEDROCK_TYPE: type,
    QUARRY_REDIS_PREFIX: type.replace('test:', 'test-'),
  }
}

async function callsOf(model: string): Promise<number> {
  const stats = (await (await fetch(`${inject('simUrl')}/__sim/stats`)).json()) as SimStats
  return Object.entries(stats.lanes)
    .filter(([lane]) => lane.endsWith(`|${model}`))
    .reduce((sum, [, { requests }]) => sum + requests, 0)
}

describe('a job', () => {
  it('that is handed out again while it runs, because its lease expired, is called once', async () => {
    const type = await start({ QUARRY_LEASE: 'PT1S' })
    gateway.answerNext(1_000, { status: 'UNAVAILABLE', method: 'UpdateJobTimeout' })
    const model = `slow-4000@${randomUUID()}`
    const key = gateway.addJob(converseJob(type, model))
    await gateway.ended(key)
    expect(gateway.job(key).activations).toBeGreaterThan(1)
    expect(await callsOf(model)).toBe(1)
  })

  it('whose result Zeebe cannot accept now is reported later, and not called again', async () => {
    const type = await start()
    gateway.answerNext(3, { status: 'RESOURCE_EXHAUSTED', method: 'CompleteJob' })
    const model = `m@${randomUUID()}`
    const key = gateway.addJob(converseJob(type, model))
    expect(await gateway.ended(key)).toMatchObject({ jobKey: key })
    expect(
      gateway.calls.filter(({ method }) => method === 'CompleteJob').map(({ status }) => status),
    ).toEqual(['RESOURCE_EXHAUSTED', 'RESOURCE_EXHAUSTED', 'RESOURCE_EXHAUSTED', 'OK'])
    expect(await callsOf(model)).toBe(1)
  })

  it('that was called while the gateway was away is completed when it is back, and called once', async () => {
    const type = await start()
    const model = `slow-1000@${randomUUID()}`
    const called = new Promise((resolve) => quarry.events.once('calling', resolve))
    const key = gateway.addJob(converseJob(type, model))
    await called
    await gateway.goAway()
    const answered = new Promise((resolve) => quarry.events.once('answered', resolve))
    const delayed = new Promise((resolve) => quarry.events.once('reportDelayed', resolve))
    await answered
    await delayed
    await gateway.comeBack()
    await gateway.ended(key)
    expect(await callsOf(model)).toBe(1)
  })

  it('whose instance was cancelled while it ran is dropped without an incident', async () => {
    const type = await start()
    const called = new Promise((resolve) => quarry.events.once('calling', resolve))
    const reported = new Promise((resolve) => quarry.events.once('reported', resolve))
    const key = gateway.addJob(converseJob(type, `slow-500@${randomUUID()}`))
    await called
    gateway.cancelJob(key)
    expect(await reported).toMatchObject({ jobKey: key, result: 'gone' })
  })

  it('that another client failed while it ran is called once, however long it takes to come back', async () => {
    const type = await start({ QUARRY_LEASE: 'PT1S' })
    const model = `slow-1500@${randomUUID()}`
    const called = new Promise((resolve) => quarry.events.once('calling', resolve))
    const reported = new Promise((resolve) => quarry.events.once('reported', resolve))
    const key = gateway.addJob(converseJob(type, model))
    await called
    const another = makeGrpcJobPort({ address: gateway.address })
    const failure = { retries: 3, errorMessage: 'by another', variables: '{}' }
    await another.fail({ jobKey: key, ...failure, retryBackoffMs: 6_000 })
    await another.close()
    expect(await reported).toMatchObject({ jobKey: key, result: 'notActive' })
    await gateway.ended(key)
    expect(await callsOf(model)).toBe(1)
  })

  it('that failed and is handed out again is a new order: it is called again', async () => {
    const type = await start()
    const model = `validation-1@${randomUUID()}`
    const key = gateway.addJob(converseJob(type, model))
    await gateway.ended(key)
    expect(gateway.job(key)).toMatchObject({ state: 'completed', activations: 2, retries: 2 })
    expect(await callsOf(model)).toBe(2)
  })

  it('whose result is larger than the gateway takes becomes an incident, and is not called again', async () => {
    const type = await start({ QUARRY_COMPATIBILITY: '8.8' })
    const model = `large-5000000@${randomUUID()}`
    const reported = new Promise((resolve) => quarry.events.once('reported', resolve))
    const key = gateway.addJob(converseJob(type, model))
    expect(await reported).toMatchObject({ jobKey: key, outcome: 'failed', result: 'accepted' })
    const job = gateway.job(key)
    expect(job).toMatchObject({ state: 'failed', retries: 0 })
    expect(job.errorMessage).toContain('larger than the Zeebe gateway takes')
    expect(await callsOf(model)).toBe(1)
  })

  it('whose result no engine can store becomes an incident, and is not called again', async () => {
    const type = await start()
    const model = `hugeint@${randomUUID()}`
    const reported = new Promise((resolve) => quarry.events.once('reported', resolve))
    const job = converseJob(type, model)
    const data = JSON.stringify({ modelId: model, payload: {} })
    const key = gateway.addJob({ ...job, variables: { ...job.variables, action: '"invokeModel"', data } })
    expect(await reported).toMatchObject({ jobKey: key, result: 'accepted' })
    expect(gateway.job(key).errorMessage).toContain(
      '123456789012345678901234567890, which Zeebe cannot store',
    )
    expect(await callsOf(model)).toBe(1)
  })

  it('keeps a key beyond 2^53 from the wire to Redis and back', async () => {
    const type = await start()
    const key = gateway.addJob(converseJob(type, `m@${randomUUID()}`))
    await gateway.ended(key)
    expect(BigInt(key)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER))
  })
})

describe('a restart while jobs are pushed faster than the backlog takes them', () => {
  it('leaves no job waiting for its lease to expire, and each is called once', async () => {
    const small = { QUARRY_MAX_BACKLOG: '10', QUARRY_MAX_LANE_BACKLOG: '1000', QUARRY_LANE_CONCURRENCY: '5' }
    const type = await start(small)
    const model = `slow-300@${randomUUID()}`
    const answered = new Promise((resolve) => quarry.events.once('answered', resolve))
    // One by one, since only jobs that are made while the stream is open are pushed.
    const keys = [gateway.addJob(converseJob(type, model))]
    await answered
    while (keys.length < 80) {
      keys.push(gateway.addJob(converseJob(type, model)))
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await quarry.stop()
    const next = { ...testEnvironment(), ...small, ...sharedWith(type) }
    const second = await startRoles(loadSettings({ env: next }).settings)
    stops.push(() => second.stop())
    // A lease is longer than this test: whatever has no room goes back to Zeebe for a while, and is called back.
    await Promise.all(keys.map((key) => gateway.ended(key)))
    expect(await callsOf(model)).toBe(80)
  })
})

describe('two adapters and two workers on one Redis', () => {
  it('share the jobs, and each job is called once', async () => {
    const type = await start()
    const first = quarry
    const second = await startRoles(
      loadSettings({ env: { ...testEnvironment(), ...sharedWith(type) } }).settings,
    )
    stops.push(() => second.stop())
    const model = `slow-20@${randomUUID()}`
    const keys = Array.from({ length: 60 }, () => gateway.addJob(converseJob(type, model)))
    await Promise.all(keys.map((key) => gateway.ended(key)))
    expect(await callsOf(model)).toBe(60)
    expect(first.ready() && second.ready()).toBe(true)
  })
})

describe('payloads and answers in Redis', () => {
  it('are not readable when there is a key', async () => {
    const type = await start({ QUARRY_PAYLOAD_KEY: randomBytes(32).toString('base64') })
    gateway.answerNext(1_000, { status: 'UNAVAILABLE', method: 'CompleteJob' })
    const delayed = new Promise((resolve) => quarry.events.once('reportDelayed', resolve))
    gateway.addJob(converseJob(type, `m@${randomUUID()}`))
    await delayed
    const redis = connectRedis({
      target: redisAt(inject('redisUrl')),
      name: 'test',
      onError: () => undefined,
    })
    const keys = await redis.keys(`${type.replace('test:', 'test-')}*:job:*`)
    const outcomes = await Promise.all(keys.map((key) => redis.hget(key, 'outcome')))
    await closeRedis(redis)
    gateway.answerNext(0, { status: 'UNAVAILABLE' })
    expect(outcomes).toHaveLength(1)
    expect(outcomes[0]).toMatch(/^2e[0-9a-f]{8}\./)
    expect(outcomes[0]).not.toContain('Hello')
  })
})
