// What the enqueuer makes of weights, priorities and lanes, on a real Redis.
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { makeEnqueuer } from '../../src/enqueue/enqueue-jobs.ts'
import type { LeasedJob } from '../../src/job/activated-job.ts'
import { jobKey } from '../../src/job/ids.ts'
import { laneName } from '../../src/job/lane.ts'
import { readQueuedJob, writeQueuedJob } from '../../src/job/queued-job.ts'
import { makeLaneRegistry } from '../../src/lanes/lane-registry.ts'
import { turnCost } from '../../src/lanes/order/fair-order.ts'
import { sharesOf } from '../../src/lanes/order/shares.ts'
import { makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { makeJobStore } from '../../src/ledger/job-store.ts'
import { makePayloadCodec } from '../../src/payload/payload-codec.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { makeEvents, type QuarryEvents } from '../../src/telemetry/events.ts'
import { NO_TRACING } from '../../src/telemetry/tracing.ts'

const INPUTS = { region: 'eu-west-1', modelId: 'm', credential: null }
const LANE = laneName({ account: 'default', region: 'eu-west-1', model: 'm' })
const plain = new Redis(inject('redisUrl'))
const redis = connectRedis({
  target: redisAt(inject('redisUrl')),
  name: 'test',
  onError: () => undefined,
})
const codec = makePayloadCodec([])
let keys: Keys
let enqueuer: ReturnType<typeof makeEnqueuer>
let accepted: string[]
let unread: QuarryEvents['priorityUnread'][0][]
let modelId: string
let faults: number

beforeEach(() => {
  keys = makeKeys(`test-${randomUUID()}`)
  const events = makeEvents()
  accepted = []
  unread = []
  modelId = INPUTS.modelId
  faults = 0
  events.on('fault', () => (faults += 1))
  events.on('accepted', ({ acceptance }) => accepted.push(acceptance))
  events.on('priorityUnread', (told) => unread.push(told))
  enqueuer = makeEnqueuer({
    ...{ store: makeJobStore(redis, keys), registry: makeLaneRegistry(redis, keys), codec, events },
    tracing: NO_TRACING,
    queues: makeLaneQueues(redis, keys, () => undefined),
    account: async () => 'default',
    laneInputs: async () => ({ ...INPUTS, modelId }),
    pack: async (job, id) => codec.encode(writeQueuedJob(job), id),
    room: {
      take: async () => ({ left: [], taken: [] }),
      timesAway: () => [],
      timesRefused: () => [],
      why: () => 'laneFull',
    },
    places: { admits: async () => true },
    allows: () => true,
    stillOurs: async () => true,
    sharesOf: (tenantId, process) =>
      sharesOf(
        {
          weights: [
            { tenant: 'gold', process: 'claims', weight: 5 },
            { tenant: 'gold', weight: 2 },
          ],
        },
        tenantId,
        process,
      ),
    leaseMs: 1_000,
    leaseDueMs: () => 1_000,
    now: Date.now,
    stopping: new AbortController().signal,
  })
})
afterAll(async () => {
  await closeRedis(redis)
  plain.disconnect()
})

function job(overrides: Partial<LeasedJob>): LeasedJob {
  return {
    ...{ key: jobKey('2251799813685249'), type: 't', elementInstanceKey: '1', processInstanceKey: '2' },
    ...{ bpmnProcessId: 'claims', processDefinitionKey: '3', elementId: 'ask', tenantId: '<default>' },
    ...{ retries: 3, deadlineMs: 1_000, leaseMs: 1_000, customHeaders: '{}', variables: '{"data":1.50}' },
    activatedMs: 0,
    ...overrides,
  }
}

async function queued(): Promise<{ name: string; variables: string; headers: string }[]> {
  const ids = await plain.zrange(keys.prioritized(LANE), '0', '-1')
  return Promise.all(
    ids.map(async (id) => {
      const [name, data] = await plain.hmget(keys.queued(LANE, id), 'name', 'data')
      const { variables, customHeaders } = readQueuedJob(codec.decode(JSON.parse(data ?? '').payload, id))
      return { name: name ?? '', variables, headers: customHeaders }
    }),
  )
}

describe('a queued job', () => {
  it('has the place of its tenant, process and priority, and is stored without Quarry’s own variable', async () => {
    const variables = '{"data":1.50,"quarry":{"priority":"high"}}'
    await enqueuer.enqueue([job({ tenantId: 'gold', variables })])
    expect(await queued()).toEqual([
      { name: `${turnCost(20)} gold claims x4 @${turnCost(2)}`, variables: '{"data":1.50}', headers: '{}' },
    ])
    expect(unread).toEqual([])
  })

  it('belongs to the same order when only its priority changed', async () => {
    await enqueuer.enqueue([job({})])
    await enqueuer.enqueue([
      job({ deadlineMs: 2_000, variables: '{"data":1.50,"quarry":{"priority":"high"}}' }),
    ])
    expect(accepted).toEqual(['new', 'adopt'])
    expect(await queued()).toHaveLength(1)
  })

  it('with an invalid priority has normal priority, and the log warns without its value', async () => {
    await enqueuer.enqueue([
      job({ variables: '{"quarry":{"priority":"A PROMPT"}}', customHeaders: '{"other":"x"}' }),
    ])
    expect((await queued()).map(({ name }) => name)).toEqual([
      `${turnCost(1)} <default> claims x1 @${turnCost(1)}`,
    ])
    expect(unread).toEqual([
      { jobKey: '2251799813685249', processId: 'claims', elementId: 'ask', from: 'variable' },
    ])
  })
})

const lanes = async () => (await makeLaneRegistry(redis, keys).list()).map(({ name }) => name)

describe('a lane', () => {
  it('that Redis refuses to register as a job is accepted is registered before the job is added', async () => {
    await redis.set(keys.lanes, 'not a sorted set')
    const ended = enqueuer.enqueue([job({})])
    await vi.waitFor(() => expect(faults).toBeGreaterThan(0))
    expect(accepted).toEqual(['new'])
    expect(await queued()).toEqual([])
    await redis.del(keys.lanes)
    await ended
    expect(await lanes()).toEqual([LANE])
    expect(await queued()).toHaveLength(1)
  })

  it('is registered if an adopted job is in another lane than its inputs name now', async () => {
    await enqueuer.enqueue([job({})])
    await redis.del(keys.lanes)
    modelId = 'another'
    await enqueuer.enqueue([job({ deadlineMs: 2_000 })])
    expect(accepted).toEqual(['new', 'adopt'])
    expect(await lanes()).toContain(LANE)
  })
})
