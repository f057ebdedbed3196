// Adapters that are cut off from Redis or from Zeebe while jobs wait or run, and live on: on a gateway that keeps leases,
// with a real Redis and the stand-in.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import type { SimStats } from '../../sim/sim.ts'
import type { LaneName } from '../../src/job/ids.ts'
import { type JobStore, makeJobStore } from '../../src/ledger/job-store.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { type RunningProcess, startRoles } from '../../workers/all-in-one.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'
import { startTcpProxy, type TcpProxy } from '../chaos/tcp-proxy.ts'
import { converseJob } from '../flow/connector-jobs.ts'
import { until } from '../flow/quarry-process.ts'
import { testEnvironment } from '../flow/quarry-under-test.ts'

let gateway: FakeGateway
let env: Record<string, string>
let redis: ReturnType<typeof connectRedis>
let keys: Keys
let store: JobStore
const stops: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVDEFAULT'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'envsecret'
  gateway = await startFakeGateway()
  stops.push(() => gateway.stop())
  env = testEnvironment({
    ZEEBE_GRPC_ADDRESS: gateway.address,
    QUARRY_SHUTDOWN_GRACE: 'PT1S',
    QUARRY_JOB_HISTORY: 'PT1S',
  })
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  stops.push(() => closeRedis(redis))
  keys = makeKeys(env['QUARRY_REDIS_PREFIX'] ?? '')
  store = makeJobStore(redis, keys)
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function start(roles: string, overrides: Record<string, string>): Promise<RunningProcess> {
  const { settings } = loadSettings({ env: { ...env, QUARRY_ROLES: roles, ...overrides } })
  const quarry = await startRoles(settings)
  stops.push(() => quarry.stop())
  await until('it is ready', async () => quarry.ready())
  return quarry
}

async function proxyTo(url: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(url)
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) })
  stops.push(() => proxy.close())
  return proxy
}

async function requests(model: string): Promise<number> {
  const all = (await (await fetch(`${inject('simUrl')}/__sim/stats`)).json()) as SimStats
  const found = Object.entries(all.lanes).find(([lane]) => lane.endsWith(`|${model}`))
  return found?.[1].requests ?? 0
}

function job(model: string) {
  return converseJob(env['CONNECTOR_AWS_BEDROCK_TYPE'] ?? '', model)
}

describe('an adapter that is cut off from Redis with an activated job in its hands', () => {
  it('does not queue the job again when another adapter has long completed it', async () => {
    // Jobs come by polls only, as it is to be known who gets them.
    gateway.answerNext(10_000, { status: 'UNAVAILABLE', method: 'StreamActivatedJobs' })
    const proxy = await proxyTo(inject('redisUrl'))
    const first = await start('adapter', {
      QUARRY_LEASE: 'PT1S',
      REDIS_URL: `redis://127.0.0.1:${proxy.port}`,
    })
    // A poll that is held, after those that only ask whether anything waits.
    await until('it polls', async () =>
      gateway.calls.some(
        ({ method, request }) => method === 'ActivateJobs' && Number(request['requestTimeout']) > 0,
      ),
    )
    await proxy.cut()
    const model = `once@${randomUUID()}`
    const key = gateway.addJob(job(model))
    expect(gateway.job(key).activations).toBe(1)
    await start('adapter,bedrock', { QUARRY_LEASE: 'PT1S' })
    await gateway.ended(key)
    await until('it is forgotten', async () => !(await store.knows(key)))
    const accepted = new Promise((resolve) => first.events.once('accepted', resolve))
    await proxy.open()
    await accepted
    await until('nothing is held', async () => (await store.backlog()).held === 0)
    expect(await requests(model)).toBe(1)
  })
})

describe('an adapter that is cut off from Redis', () => {
  it('takes no more jobs from its stream, so that other adapters get them', async () => {
    const proxy = await proxyTo(inject('redisUrl'))
    await start('adapter', { QUARRY_LEASE: 'PT2S', REDIS_URL: `redis://127.0.0.1:${proxy.port}` })
    // This gateway gives jobs to the stream that was opened first.
    await until('it streams', async () =>
      gateway.calls.some(({ method }) => method === 'StreamActivatedJobs'),
    )
    await start('adapter,bedrock', { QUARRY_LEASE: 'PT2S' })
    await proxy.cut()
    const model = `once@${randomUUID()}`
    const key = gateway.addJob(job(model))
    await until('it is done', async () => gateway.job(key).state === 'completed')
    expect(await requests(model)).toBe(1)
  })
})

describe('an adapter that is cut off from Zeebe with outcomes in its hands', () => {
  it('leaves them to an adapter that still reaches Zeebe', async () => {
    const proxy = await proxyTo(gateway.address)
    const address = `grpc://127.0.0.1:${proxy.port}`
    const first = await start('adapter,bedrock', { ZEEBE_GRPC_ADDRESS: address })
    const model = `slow-1000@${randomUUID()}`
    const key = gateway.addJob(job(model))
    await until('it is called', async () => (await requests(model)) === 1)
    await proxy.cut()
    const tried = new Promise((resolve) => first.events.once('reportDelayed', resolve))
    await tried
    await start('adapter', {})
    await until('it is reported', async () => gateway.job(key).state === 'completed')
    expect(await requests(model)).toBe(1)
  })
})

describe('a worker that lost its lock on a running job in a long outage of Redis', () => {
  it('keeps the job while its process lives', async () => {
    await start('adapter', {})
    const first = await start('bedrock', {})
    const model = `slow-20000@${randomUUID()}`
    const key = gateway.addJob(job(model))
    const [{ lane }] = (await once(first.events, 'calling')) as [{ lane: LaneName }]
    await start('bedrock', {})
    await until('it is called', async () => (await requests(model)) === 1)
    const [lock] = await redis.keys(`${keys.prefix}:${keys.queue(lane)}:*:lock`)
    expect(await redis.del(lock ?? '')).toBe(1)
    await gateway.ended(key)
    expect(await requests(model)).toBe(1)
    expect(await redis.hget(keys.job(key), 'deaths')).toBeNull()
  })
})
