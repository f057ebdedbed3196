// Where jobs are, as they are read from Redis; and a delayed job, which goes to its turn.
import { randomUUID } from 'node:crypto'
import { Worker } from 'bullmq'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { type AuditLog, makeAuditLog } from '../../src/control/audit-log.ts'
import { makeJobControl } from '../../src/control/job-control.ts'
import { type JobReader, makeJobReader } from '../../src/control/job-reader.ts'
import { makeJobRecords } from '../../src/control/job-records.ts'
import { makeLaneControl } from '../../src/control/lane-control.ts'
import { type JobKey, jobKey } from '../../src/job/ids.ts'
import { laneName } from '../../src/job/lane.ts'
import { queuedJobId } from '../../src/job/queued-job.ts'
import { makeLaneRegistry } from '../../src/lanes/lane-registry.ts'
import { makeLaneLooks } from '../../src/lanes/look-lanes.ts'
import { jobTurn } from '../../src/lanes/order/flow.ts'
import { makeOverrideStore } from '../../src/lanes/override-store.ts'
import { makePaceStore } from '../../src/lanes/pace/pace-store.ts'
import { makeBudgetWaits } from '../../src/lanes/queue/budget-waits.ts'
import { type LaneQueues, makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { type JobStore, makeJobStore } from '../../src/ledger/job-store.ts'
import { makeRetryRequests } from '../../src/ledger/retry-requests.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import type { LaneQuota } from '../../src/rules/lane-quota.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { runQuarry } from '../cli/run-quarry.ts'

const PARTS = { account: 'default', region: 'eu-west-1', model: 'amazon.nova-lite-v1:0' }
const lane = laneName(PARTS)
const PLACE = jobTurn({ tenantId: '<default>', bpmnProcessId: 'claims' }, { tenant: 1, process: 1 }, 1)
const TOKEN = 'token'
const QUOTA = { requestsPerMinute: 60, tokensPerMinute: null, concurrency: null, burstSeconds: 1 }

let quota: LaneQuota = QUOTA
let redis: ReturnType<typeof connectRedis>
let keys: Keys
let store: JobStore
let queues: LaneQueues
let worker: Worker<{ payload: string }>
let reader: JobReader
let nextKey = 2_251_799_813_685_249n

beforeEach(() => {
  quota = QUOTA
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  keys = makeKeys(`test-jobs-${randomUUID().slice(0, 8)}`)
  store = makeJobStore(redis, keys)
  queues = makeLaneQueues(redis, keys, () => undefined)
  // Takes jobs only when it is told to; that it has the lane open Redis knows all the same.
  worker = new Worker(keys.queue(lane), null, {
    connection: redis,
    prefix: keys.prefix,
    lockDuration: 60_000,
  })
  reader = makeJobReader({
    ...{ records: makeJobRecords(redis, keys), queues, looks: makeLaneLooks(redis, keys) },
    ...{ quotaOf: () => ({ ...quota, origin: 'settings' as const }), audit: makeAuditLog(redis, keys) },
  })
})
afterEach(async () => {
  await Promise.all([queues?.close(), worker?.close()])
  if (redis !== undefined) await closeRedis(redis)
})

interface Queued {
  readonly key: JobKey
  readonly epoch: number
  readonly id: string
}

/** Jobs in the lane, in their order. */
async function queued(count: number): Promise<Queued[]> {
  const jobs: Queued[] = []
  for (let index = 0; index < count; index += 1) {
    nextKey += 1n
    const key = jobKey(String(nextKey))
    const order = {
      key,
      input: 'i',
      deadlineMs: Date.now() + 60_000,
      retries: 3,
      lane,
      bytes: 1,
      leaseDueMs: 20_000,
    }
    const [accepted] = await store.accept([order])
    const epoch = accepted?.epoch ?? 0
    const id = queuedJobId(key, epoch)
    await queues.add(lane, [{ id, payload: 'secret prompt', place: PLACE, waited: false }])
    jobs.push({ key, epoch, id })
  }
  return jobs
}

async function take({ key, epoch, id }: Queued) {
  const job = await worker.getNextJob(TOKEN, { block: false })
  expect(job?.id).toBe(id)
  await store.start(key, epoch, `start-${id}`)
  return job
}

async function view({ key }: Queued) {
  const found = await reader.read(key)
  if (found === null) throw new Error(`Nothing is known of ${key}`)
  return found
}

/** Its failure is stored. */
async function answered({ key, epoch }: Queued, failedTo: number): Promise<void> {
  await store.answer(key, epoch, { after: 'called', kind: 'failed', outcome: 'encrypted', failedTo })
}

/** Zeebe has taken it. */
async function reported({ key, epoch }: Queued): Promise<void> {
  const outbox = keys.outbox(keys.shardOf(key))
  const [[entryId = ''] = []] = await redis.xrange(outbox, '-', '+')
  await redis.xgroup('CREATE', outbox, 'reporters', '0')
  const entry = { key, epoch, entryId, group: 'reporters' }
  await store.reported(entry, { state: 'released', rememberMs: 60_000, leaseMs: 1_000 })
}

const throttled = (name: string) => ({
  ...{ sends: 2, throttles: 2, outages: 0 },
  failure: JSON.stringify({ name, status: 429, message: 'said of your prompt: secret' }),
})

describe('a job', () => {
  it('that waits is shown with the jobs ahead of it and the time that the pace needs', async () => {
    const jobs = await queued(3)
    const pace = makePaceStore(redis, keys, 'test')
    await pace.reserve(lane, { ...QUOTA, asker: 'own' }, { tokens: 0, waiting: 1 })
    const [first, , third] = jobs as [Queued, Queued, Queued]
    const seen = await view(third)
    expect(seen).toMatchObject({
      ...{ key: third.key, epoch: third.epoch, tenantId: '<default>', processId: 'claims', lane, ...PARTS },
      ...{ state: 'queued', place: 'waiting', sends: 0, throttles: 0, deaths: 0, ahead: 2, outcome: null },
      lastFailure: null,
    })
    expect(seen.leaseLeftMs).toBeGreaterThan(0)
    // 60 a minute, of which a hundredth is left.
    expect(seen.turnInMs).toBeGreaterThanOrEqual(2_000)
    expect(seen.turnInMs).toBeLessThan(2_100)
    expect(seen.why).toBe('waits for pace: 2 ahead, about 2 s')
    expect((await view(first)).ahead).toBe(0)
    expect((await reader.ofLane(lane, 2)).map(({ key }) => key)).toEqual(
      jobs.slice(0, 2).map(({ key }) => key),
    )
  })

  it('that waits in a lane bound by tokens or calls in flight is shown with the time that these need', async () => {
    const [, , third] = (await queued(3)) as [Queued, Queued, Queued]
    const used = { requestsUsed: 0.1, tokensUsed: 1_000, callSeconds: 30, tokenShare: 1 }
    await redis.hset(keys.pace(lane), { at: Date.now(), pace: 1, coolUntil: 0, throttles: 0, ...used })
    expect((await view(third)).why).toBe('waits for pace: 2 ahead, about 2 s')
    // 10,000 tokens a request: six requests a minute.
    quota = { ...QUOTA, tokensPerMinute: 60_000 }
    expect((await view(third)).why).toBe('waits for pace: 2 ahead, about 20 s')
    quota = QUOTA
    await redis.hset(keys.queueKey(lane, 'meta'), 'concurrency', 1)
    expect((await view(third)).why).toBe('waits for pace: 2 ahead, about 60 s')
  })

  it('that runs, is delayed, and then waits at the front is shown in each of these states', async () => {
    const jobs = await queued(2)
    const [job, other] = jobs as [Queued, Queued]
    const taken = await take(job)
    expect(await view(job)).toMatchObject({ state: 'running', place: 'active', ahead: null, turnInMs: null })
    expect((await view(job)).why).toMatch(/^is with a worker for \d+ s: its call runs, or waits/)
    await store.defer(job.key, job.epoch, { ...throttled('ThrottlingException'), start: `start-${job.id}` })
    await taken?.moveToDelayed(Date.now() + 600_000, TOKEN)
    const seen = await view(job)
    expect(seen).toMatchObject({ state: 'queued', place: 'delayed', sends: 2, throttles: 2 })
    expect(seen.lastFailure).toBe('ThrottlingException (429)')
    expect(seen.why).toMatch(/^is delayed after ThrottlingException \(429\): next try in (9|10) min$/)
    expect((await reader.ofLane(lane, 9)).map(({ key }) => key)).toEqual([other.key, job.key])
  })

  it('that is answered is shown as waiting for an adapter, and afterwards with its outcome', async () => {
    const [job] = (await queued(1)) as [Queued]
    await take(job)
    await answered(job, 0)
    expect(await view(job)).toMatchObject({
      ...{ state: 'answered', place: 'outbox', outcome: 'failed' },
      why: 'is answered (failed), and its result is not yet reported: no adapter is running',
    })
    await reported(job)
    expect(await view(job)).toMatchObject({
      ...{ state: 'released', place: 'zeebe', outcome: 'failed', waitedMs: null },
      why: 'failed with no retries left: Camunda has an incident for it',
    })
  })

  it('of a paused lane, of a lane without a worker, or lost by its lane is shown with that reason', async () => {
    const [job, lost] = (await queued(2)) as [Queued, Queued]
    const events = makeEvents()
    const [overrides, audit] = [makeOverrideStore(redis, keys), makeAuditLog(redis, keys)]
    const control = makeLaneControl({ queues, overrides, audit, events, by: 'ann@desk' })
    await control.pause([lane])
    expect((await view(job)).why).toBe('waits: its lane is paused by ann@desk')
    await control.resume([lane])
    await worker.close()
    await expect
      .poll(async () => (await view(job)).why, { timeout: 20_000 })
      .toBe('waits: no running worker serves its lane')
    await queues.remove(lane, lost.id)
    expect(await view(lost)).toMatchObject({ place: 'missing', tenantId: null })
  })

  it('that is unknown gives null', async () => {
    expect(await reader.read(jobKey('1'))).toBeNull()
    expect(await reader.ofLane(lane, 5)).toEqual([])
  })
})

function control(add?: AuditLog['add']) {
  const audit = { ...makeAuditLog(redis, keys), ...(add === undefined ? {} : { add }) }
  const parts = {
    records: makeJobRecords(redis, keys),
    queues,
    budgetWaits: makeBudgetWaits(redis, keys),
  }
  const requests = makeRetryRequests(redis, keys)
  return { audit, ...makeJobControl({ ...parts, requests, audit, events: makeEvents(), by: 'ann@desk' }) }
}

describe('a retry request', () => {
  it('for a job that failed with retries left does nothing', async () => {
    const [job] = (await queued(1)) as [Queued]
    await take(job)
    await answered(job, 2)
    await reported(job)
    expect((await view(job)).why).toBe('failed, 2 retries left: Zeebe hands it out again after its back-off')
    expect(await control().retry(job.key)).toMatchObject({
      ...{ kind: 'nothing', message: 'It has retries left: Zeebe hands it out again after its back-off.' },
    })
  })

  it('for a job that is delayed for a budget moves it to the front of its lane', async () => {
    const jobs = await queued(3)
    const [job, second] = jobs as [Queued, Queued, Queued]
    const taken = await take(job)
    const said = 'The budget trial is used up: 5 of 5 tokens were spent in this day.'
    const failure = JSON.stringify({ name: 'BudgetWait', message: said })
    await store.defer(job.key, job.epoch, {
      start: `start-${job.id}`,
      sends: 0,
      throttles: 0,
      outages: 0,
      failure,
    })
    await makeBudgetWaits(redis, keys).add(lane, job.id, 600_000)
    await taken?.moveToDelayed(Date.now() + 600_000, TOKEN)
    expect((await view(job)).why).toMatch(new RegExp(`^waits for a budget, checks again in 10 min: ${said}$`))
    const refusing = control(() => Promise.reject(new Error('OOM')))
    await expect(refusing.retry(job.key)).rejects.toThrow('OOM')
    expect(await view(job)).toMatchObject({ place: 'delayed' })
    const { retry, audit } = control()
    expect(await retry(job.key)).toMatchObject({ kind: 'promoted' })
    expect(await redis.exists(keys.budgetWaits(lane))).toBe(0)
    expect(await view(job)).toMatchObject({ place: 'waiting', ahead: 0 })
    expect((await audit.last(2)).map(({ atMs: _, ...line }) => line)).toEqual(
      ['promoted', 'asked for'].map((said) => {
        return { by: 'ann@desk', action: 'retry', change: `job ${job.key}: ${said}`, lanes: [lane] }
      }),
    )
    expect(await retry(job.key)).toMatchObject({ kind: 'nothing' })
    await take(job)
    expect(await retry(job.key)).toMatchObject({ kind: 'nothing', message: 'A worker has it.' })
    await take(second)
  })
})

it('the jobs commands show a card and a list, without the prompt', async () => {
  const jobs = await queued(2)
  const [job] = jobs as [Queued, Queued]
  await makeLaneRegistry(redis, keys).touch(lane)
  const run = (...argv: string[]) =>
    runQuarry(argv, { REDIS_URL: inject('redisUrl'), QUARRY_REDIS_PREFIX: keys.prefix })
  const shown = await run('jobs', 'show', job.key)
  expect(shown.stdout).toContain(`job         ${job.key}, waits for pace: none ahead`)
  expect(shown.stdout).toContain(`lane        default@eu-west-1@amazon.nova-lite-v1:0\nprocess     claims\n`)
  const json = await run('jobs', 'show', job.key, '--json')
  expect(JSON.parse(json.stdout)).toMatchObject({ key: job.key, place: 'waiting', ahead: 0 })
  const listed = await run('jobs', 'list', 'default@eu-west-1@amazon.nova-lite-v1:0')
  expect(listed.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
    'JOB',
    ...jobs.map(({ key }) => key),
    '',
  ])
  expect([shown, json, listed].map(({ code }) => code)).toEqual([0, 0, 0])
  expect(shown.stdout + json.stdout + listed.stdout).not.toContain('prompt')
  expect((await run('jobs', 'list', 'a@b@c')).code).toBe(3)
})
