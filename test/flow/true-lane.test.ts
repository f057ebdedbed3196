// What is sent, paused, paid for and kept within regions is what a job asks for once all of it is resolved, whatever way its
// diagram has of saying so. An adapter that knows no secrets and a worker that does stand for a source that was away.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Queue } from 'bullmq'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import type { SimStats } from '../../sim/sim.ts'
import type { JobKey, LaneName } from '../../src/job/ids.ts'
import { laneName, UNROUTABLE } from '../../src/job/lane.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { type RunningProcess, startRoles } from '../../workers/all-in-one.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'
import { makeLanesFile } from './lanes-file.ts'
import { until } from './quarry-process.ts'
import { testEnvironment } from './quarry-under-test.ts'

const NAMES = ['MODEL', 'REGION'] as const
let gateway: FakeGateway
let env: Record<string, string>
let documents: string
const stops: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  gateway = await startFakeGateway()
  // Answers with the path that is asked for.
  const server = createServer(({ url = '' }, answer) => answer.end(decodeURIComponent(url.slice(1))))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  documents = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  stops.push(
    () => gateway.stop(),
    async () => server.close(),
  )
})
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
  for (const name of NAMES) delete process.env[`SECRET_${name}`]
})

async function start(overrides: Record<string, string> = {}): Promise<RunningProcess> {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVDEFAULT'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'envsecret'
  env = testEnvironment({
    ZEEBE_GRPC_ADDRESS: gateway.address,
    QUARRY_SHUTDOWN_GRACE: 'PT1S',
    QUARRY_DOCUMENT_ALLOW_HOSTS: new URL(documents).host,
    CAMUNDA_CONNECTOR_SECRETRESOLVER_SECRETFILTER_MODE: 'DISABLED',
    ...overrides,
  })
  const run = async (role: Record<string, string>): Promise<RunningProcess> => {
    const running = await startRoles(loadSettings({ env: { ...env, ...role } }).settings)
    stops.push(() => running.stop())
    return running
  }
  await run({ QUARRY_ROLES: 'adapter', CAMUNDA_CONNECTOR_SECRETPROVIDER_ENVIRONMENT_ENABLED: 'false' })
  return run({ QUARRY_ROLES: 'bedrock' })
}

async function withRedis<T>(
  work: (parts: { redis: ReturnType<typeof connectRedis>; keys: ReturnType<typeof makeKeys> }) => Promise<T>,
): Promise<T> {
  const target = redisAt(inject('redisUrl'))
  const redis = connectRedis({ target, name: 'test', onError: () => undefined })
  return work({ redis, keys: makeKeys(env['QUARRY_REDIS_PREFIX'] ?? '') }).finally(() => closeRedis(redis))
}

async function inQueue(lane: LaneName, work: (queue: Queue) => Promise<unknown>): Promise<void> {
  await withRedis(async ({ redis, keys }) => {
    const queue = new Queue(keys.queue(lane), { connection: redis, prefix: keys.prefix })
    await work(queue)
    await queue.close()
  })
}

const laneOf = (job: JobKey) => withRedis(({ redis, keys }) => redis.hget(keys.job(job), 'lane'))

/** Calls at the stand-in, by any region and key. */
async function calls(model: string): Promise<number> {
  const all = (await (await fetch(`${inject('simUrl')}/__sim/stats`)).json()) as SimStats
  const of = Object.entries(all.lanes).filter(([lane]) => lane.endsWith(`|${model}`))
  return of.reduce((sum, [, { requests }]) => sum + requests, 0)
}

const call = (name: string, ...params: unknown[]) => ({ 'camunda.function.type': name, params })
const inline = (content: string) => ({ 'camunda.document.type': 'inline', content, name: 'x.txt' })

/** Ways of saying a text that only the worker, or not every look, understands. */
function waysOf(text: string, secret: (typeof NAMES)[number]): Record<string, unknown> {
  process.env[`SECRET_${secret}`] = text
  const url = `${documents}/${encodeURIComponent(text)}`
  return {
    'a function': call('getText', inline(text)),
    'a document': call('getText', { 'camunda.document.type': 'external', url, name: 'x.txt' }),
    'a secret': `{{secrets.${secret}}}`,
    'a list of one': [text],
  }
}

function addJob(named: { modelId: unknown; region?: unknown }, headers: Record<string, string> = {}): JobKey {
  const { modelId, region = 'eu-west-1' } = named
  return gateway.addJob({
    type: env['CONNECTOR_AWS_BEDROCK_TYPE'] ?? '',
    variables: {
      authentication: '{"type":"defaultCredentialsChain"}',
      configuration: JSON.stringify({ region }),
      action: '"converse"',
      data: JSON.stringify({ modelId, newMessage: 'Hello there' }),
    },
    customHeaders: { resultVariable: 'answer', ...headers },
  })
}

describe('a job whose model comes from a function, a document, a secret or a list of one', () => {
  it('waits in that model’s lane while it is paused, and is called once when it is resumed', async () => {
    const worker = await start()
    const moved: LaneName[] = []
    worker.events.on('moved', ({ to }) => moved.push(to))
    const model = `paused@${randomUUID()}`
    const lane = laneName({ account: 'default', region: 'eu-west-1', model })
    await inQueue(lane, (queue) => queue.pause())
    const jobs = Object.values(waysOf(model, 'MODEL')).map((modelId) => addJob({ modelId }))
    await until('all are in the lane of the model', async () =>
      (await Promise.all(jobs.map(laneOf))).every((each) => each === lane),
    )
    await inQueue(lane, (queue) =>
      until('all wait there', async () => (await queue.getJobCountByTypes('prioritized')) === jobs.length),
    )
    expect(await calls(model)).toBe(0)
    // What a look at the variables tells needs no move.
    await until('two were moved', async () => moved.length >= 2)
    expect(moved).toEqual([lane, lane])
    await inQueue(lane, (queue) => queue.resume())
    const ends = await Promise.all(jobs.map((job) => gateway.ended(job)))
    expect(ends.map((end) => Object.keys(end))).toEqual(ends.map(() => expect.arrayContaining(['variables'])))
    expect(await calls(model)).toBe(jobs.length)
  })

  it('is refused by a zero budget for that model', async () => {
    const model = `forbidden@${randomUUID()}`
    const budget = `{ name: none, model: "${model}", period: month, tokens: 1, action: fail, per: lane }`
    const file = await makeLanesFile(`budgets:\n  - ${budget}\n`)
    stops.push(file.remove)
    await start({ QUARRY_LANES_FILE: file.path })
    await withRedis(async ({ redis, keys }) => {
      // The one token of the budget is spent.
      const spent = addJob({ modelId: model })
      await gateway.ended(spent)
      expect(await redis.keys(`${keys.prefix}:{budget:*`)).not.toEqual([])
    })
    const before = await calls(model)
    const jobs = Object.values(waysOf(model, 'MODEL')).map((modelId) => addJob({ modelId }))
    const ends = await Promise.all(jobs.map((job) => gateway.ended(job)))
    expect(ends).toMatchObject(jobs.map(() => ({ errorCode: 'QUARRY_BUDGET_EXCEEDED' })))
    expect(await calls(model)).toBe(before)
  })
})

it('a job whose region comes from such an input is not called by a worker of another region', async () => {
  await start({ QUARRY_REGIONS: 'eu-west-1', QUARRY_MAX_WAIT: 'PT3S' })
  const model = `elsewhere@${randomUUID()}`
  const regions = [...Object.values(waysOf('us-east-1', 'REGION')), 'fips-us-east-1', 'US-EAST-1']
  const jobs = regions.map((region) => addJob({ modelId: model, region }, { 'quarry.maxWait': 'PT3S' }))
  const failed = async () =>
    jobs.every((job) => /no Quarry worker serves region us-east-1/.test(gateway.job(job).errorMessage))
  await until('all are told that no worker serves their region', failed)
  expect(await calls(model)).toBe(0)
})

it('a job whose worker died between moving its record and the job is called once, in the new lane', async () => {
  await start()
  const model = `half-moved@${randomUUID()}`
  const lane = laneName({ account: 'default', region: 'eu-west-1', model })
  const nowhere = laneName(UNROUTABLE)
  await inQueue(nowhere, (queue) => queue.pause())
  const job = addJob({ modelId: waysOf(model, 'MODEL')['a secret'] })
  await until('it is in its first lane', async () => (await laneOf(job)) === nowhere)
  await withRedis(async ({ redis, keys }) => {
    const [shard, record] = [keys.shardOf(job), keys.job(job)]
    await redis.hset(record, 'lane', lane, 'moves', '1')
    await redis.zadd(keys.heldOf(shard, lane), (await redis.hget(record, 'since')) ?? 0, job)
    await redis.zrem(keys.heldOf(shard, nowhere), job)
  })
  await inQueue(nowhere, (queue) => queue.resume())
  expect(await gateway.ended(job)).toHaveProperty('variables')
  expect(await calls(model)).toBe(1)
})

it('a job that gives another model each time it is read fails with that reason', async () => {
  let reads = 0
  const server = createServer((_, answer) => {
    reads += 1
    answer.end(`changing-${reads}@${randomUUID()}`)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  stops.push(async () => server.close())
  documents = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const worker = await start()
  const called: LaneName[] = []
  worker.events.on('calling', ({ lane }) => called.push(lane))
  const document = { 'camunda.document.type': 'external', url: `${documents}/x`, name: 'x.txt' }
  const job = addJob({ modelId: call('getText', document) })
  await until('it has failed', async () => gateway.job(job).state === 'failed')
  expect(gateway.job(job).errorMessage).toContain('Nothing was sent to Bedrock: this task asked for lane')
  expect(called).toEqual([])
})
