// A lane is known before there are jobs in it: an adapter may die, and Redis may refuse, between any two commands.
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { type EnqueueParts, makeEnqueuer } from '../../src/enqueue/enqueue-jobs.ts'
import type { LeasedJob } from '../../src/job/activated-job.ts'
import { jobKey, type LaneName } from '../../src/job/ids.ts'
import { writeQueuedJob } from '../../src/job/queued-job.ts'
import { type LaneRegistry, makeLaneRegistry } from '../../src/lanes/lane-registry.ts'
import { makeJobStore } from '../../src/ledger/job-store.ts'
import { makePayloadCodec } from '../../src/payload/payload-codec.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { NO_TRACING } from '../../src/telemetry/tracing.ts'

const redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
const LANE = 'default@eu-west-1@m' as LaneName
let keys: Keys
let registry: LaneRegistry
let round = 0

beforeEach(() => {
  round += 1
  keys = makeKeys(`test-registered-${process.pid}-${Date.now()}-${round}`)
  registry = makeLaneRegistry(redis, keys)
})
afterAll(() => closeRedis(redis))

const JOB: LeasedJob = {
  ...{ key: jobKey('9007199254740993'), type: 't', processInstanceKey: '1', processDefinitionKey: '2' },
  ...{ bpmnProcessId: 'p', elementId: 'e', elementInstanceKey: '3', tenantId: '<default>', retries: 3 },
  activatedMs: 0,
  ...{ deadlineMs: Number.POSITIVE_INFINITY, customHeaders: '{}', variables: '{}', leaseMs: 60_000 },
}

function enqueuer(add: EnqueueParts['queues']['add'], stopping = new AbortController().signal) {
  return makeEnqueuer({
    ...{ registry, stopping, store: makeJobStore(redis, keys), codec: makePayloadCodec([]) },
    events: makeEvents(),
    tracing: NO_TRACING,
    queues: { add },
    account: async () => 'default',
    route: async () => ({ region: 'eu-west-1', modelId: 'm', accessKey: null }),
    room: {
      take: async () => ({ left: [], taken: [] }),
      timesAway: () => [],
      timesRefused: () => [],
      why: () => 'laneFull',
    },
    sharesOf: () => ({ weights: { tenant: 1, process: 1 }, limits: { most: 1_000, fromVariables: true } }),
    places: { admits: async () => true },
    allows: () => true,
    stillOurs: async () => true,
    leaseMs: 60_000,
    leaseDueMs: () => 20_000,
    pack: async (job) => writeQueuedJob(job),
    now: Date.now,
  })
}

describe('a lane', () => {
  it('is known before the first job is put into it', async () => {
    let known: readonly string[] = []
    const { enqueue } = enqueuer(async () => {
      known = (await registry.list()).map(({ name }) => name)
    })
    expect(await enqueue([JOB])).toEqual([])
    expect(known).toEqual([LANE])
  })

  it('that Redis refuses to note gets no jobs', async () => {
    await redis.set(keys.lanes, 'not a sorted set')
    let added = 0
    const { enqueue } = enqueuer(async () => {
      added += 1
    }, AbortSignal.abort())
    await expect(enqueue([JOB])).rejects.toThrow('WRONGTYPE')
    expect(added).toBe(0)
    await redis.del(keys.lanes)
  })
})
