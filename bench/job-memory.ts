// Measures the memory of Redis that a waiting job takes: `npm run bench:memory`, on a redis-server of its own.
// Jobs go the adapter's way: accepted, encoded, and added to their lane.
import { randomBytes } from 'node:crypto'
import { Redis } from 'ioredis'
import { silentProgress, startRedis } from '../embedded/parts.ts'
import { makeEnqueuer } from '../src/enqueue/enqueue-jobs.ts'
import type { LeasedJob } from '../src/job/activated-job.ts'
import { jobKey } from '../src/job/ids.ts'
import { writeQueuedJob } from '../src/job/queued-job.ts'
import { makeLaneQueues } from '../src/lanes/queue/lane-queues.ts'
import { makeJobStore } from '../src/ledger/job-store.ts'
import { makePayloadCodec, payloadKey } from '../src/payload/payload-codec.ts'
import { closeRedis, connectRedis } from '../src/redis/connect.ts'
import { makeKeys } from '../src/redis/keys.ts'
import { redisAt } from '../src/redis/redis-target.ts'
import { makeEvents } from '../src/telemetry/events.ts'
import { NO_TRACING } from '../src/telemetry/tracing.ts'

const JOBS = 2_000
const BATCH = 100
const PROMPT_BYTES = [100, 1_000, 10_000]
const FIRST_KEY = 2_251_799_813_685_249n

/** Words in random order: they compress as little as real prompts. */
function prompt(bytes: number): string {
  const words: string[] = []
  for (let length = 0; length < bytes; length += 8) words.push(randomBytes(5).toString('base64url'))
  return words.join(' ').slice(0, bytes)
}

function waitingJob(index: number, promptBytes: number): LeasedJob {
  return {
    key: jobKey(String(FIRST_KEY + BigInt(index))),
    type: 'io.camunda:aws-bedrock:1',
    elementInstanceKey: '2251799813685301',
    processInstanceKey: '2251799813685300',
    bpmnProcessId: 'claims-assessment',
    processDefinitionKey: '2251799813685250',
    elementId: 'ask-the-model',
    tenantId: '<default>',
    retries: 3,
    deadlineMs: 1_700_000_000_000,
    leaseMs: 300_000,
    activatedMs: 1_699_999_700_000,
    customHeaders: '{"resultVariable":"answer"}',
    variables: JSON.stringify({
      authentication: { type: 'defaultCredentialsChain' },
      configuration: { region: 'eu-central-1' },
      action: 'converse',
      data: { modelId: 'anthropic.claude-sonnet-4-v1:0', newMessage: prompt(promptBytes) },
    }),
  }
}

/** Bytes of Redis for each of {@link JOBS} waiting jobs. */
async function bytesPerJob(url: string, promptBytes: number, encrypted: boolean): Promise<number> {
  const redis = connectRedis({ target: redisAt(url), name: 'bench', onError: console.error })
  const admin = new Redis(url)
  await admin.flushall()
  const keys = makeKeys('bench')
  const queues = makeLaneQueues(redis, keys, console.error)
  const codec = makePayloadCodec(encrypted ? [payloadKey(randomBytes(32).toString('base64'))] : [])
  const enqueuer = makeEnqueuer({
    store: makeJobStore(redis, keys),
    queues,
    codec,
    events: makeEvents(),
    tracing: NO_TRACING,
    account: async () => 'default',
    laneInputs: async () => ({
      region: 'eu-central-1',
      modelId: 'anthropic.claude-sonnet-4-v1:0',
      credential: null,
    }),
    foundMs: 7_800_000,
    pack: async (job, id) => codec.encode(writeQueuedJob(job), id),
    leaseMs: 300_000,
    sharesOf: () => ({ weights: { tenant: 1, process: 1 }, limits: { most: 1_000, fromVariables: true } }),
    room: {
      take: async () => ({ left: [], taken: [] }),
      timesAway: () => [],
      timesRefused: () => [],
      why: () => 'laneFull',
    },
    places: { admits: async () => true },
    allows: () => true,
    stillOurs: async () => true,
    leaseDueMs: ({ leaseMs }) => leaseMs / 3,
    now: Date.now,
    stopping: new AbortController().signal,
  })
  const used = async () => Number(/used_memory_dataset:(\d+)/.exec(await admin.info('memory'))?.[1])
  // The memory of an empty lane does not count.
  await enqueuer.enqueue([waitingJob(0, promptBytes)])
  const before = await used()
  for (let from = 1; from <= JOBS; from += BATCH) {
    await enqueuer.enqueue(
      Array.from({ length: BATCH }, (_, offset) => waitingJob(from + offset, promptBytes)),
    )
  }
  const bytes = ((await used()) - before) / JOBS
  await queues.close()
  await closeRedis(redis)
  admin.disconnect()
  return Math.round(bytes)
}

const redis = await startRedis({ env: process.env, progress: silentProgress })
console.log('prompt bytes | bytes in Redis for a waiting job | with a payload key')
for (const promptBytes of PROMPT_BYTES) {
  const plain = await bytesPerJob(redis.url, promptBytes, false)
  const encrypted = await bytesPerJob(redis.url, promptBytes, true)
  console.log(`${promptBytes} | ${plain} | ${encrypted}`)
}
await redis.stop()
