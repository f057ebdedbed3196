// What all processes share, as metrics: served once, by ops, and right while lanes run, throttle and are paused.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { makeAuditLog } from '../../src/control/audit-log.ts'
import { makeLaneControl } from '../../src/control/lane-control.ts'
import { type Lane, laneName } from '../../src/job/lane.ts'
import { makeOverrideStore } from '../../src/lanes/override-store.ts'
import { makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { bedrockProcess } from './bedrock-process.ts'
import { readSamples, type Sample, sumOf } from './metric-samples.ts'
import { environment, jobTypeOf, type QuarryProcess, startQuarryProcess, until } from './quarry-process.ts'
import { converseInputs } from './quarry-under-test.ts'

const env = environment({
  QUARRY_DEFAULT_RPM: '6000',
  QUARRY_DEFAULT_TPM: '1000000',
  QUARRY_MAX_BACKLOG: '100',
  // The calls that hang are cut at the end.
  QUARRY_SHUTDOWN_GRACE: 'PT1S',
})
const TEMPLATE = { elementTemplateId: 'io.camunda.connectors.aws.bedrock.v1', elementTemplateVersion: '3' }
const run = randomUUID()
const lane = (script: string): Lane => ({
  account: 'default',
  region: 'eu-west-1',
  model: `${script}@${run}`,
})
const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
const keys = makeKeys(env['QUARRY_REDIS_PREFIX'] ?? '')
let redis: ReturnType<typeof connectRedis>
let ops: QuarryProcess
let adapter: QuarryProcess
let workers: QuarryProcess[] = []

beforeAll(async () => {
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  const roles = ['ops', 'adapter', 'bedrock', 'bedrock']
  const started = await Promise.all(roles.map((role) => startQuarryProcess({ env, args: ['--roles', role] })))
  ;[ops, adapter, ...workers] = started as [QuarryProcess, QuarryProcess, ...QuarryProcess[]]
  await Promise.all(started.map((each) => each.ready()))
})
afterAll(async () => {
  await Promise.all([ops, adapter, ...workers].map((each) => each?.stop()))
  await processes.close()
  if (redis !== undefined) await closeRedis(redis)
})

const scrape = async (from: QuarryProcess): Promise<Sample[]> =>
  readSamples((await from.get('/metrics')).text)

/** A figure of a lane as ops serves it. */
async function figure(name: string, script: string, labels: Readonly<Record<string, string>> = {}) {
  return sumOf(await scrape(ops), name, { lane: laneName(lane(script)), ...labels })
}

async function startJobs(script: string, count: number): Promise<void> {
  const id = `p-${randomUUID()}`
  const inputs = converseInputs(lane(script).model)
  const content = bedrockProcess({ id, jobType: jobTypeOf(env), inputs, headers: TEMPLATE })
  await processes.deploy([{ name: `${id}.bpmn`, content }])
  const start = () => processes.createInstance({ bpmnProcessId: id, variables: '{}' })
  await Promise.all(Array.from({ length: count }, start))
}

async function paused(script: string, is: boolean): Promise<void> {
  const queues = makeLaneQueues(redis, keys, () => undefined)
  const parts = { queues, overrides: makeOverrideStore(redis, keys), audit: makeAuditLog(redis, keys) }
  const control = makeLaneControl({ ...parts, events: makeEvents(), by: 'ann@desk' })
  await control[is ? 'pause' : 'resume']([laneName(lane(script))])
  await queues.close()
}

describe('a lane that answers', () => {
  it('is counted under the names of BullMQ and of the connector runtime, over all workers', async () => {
    await startJobs('slow-300', 6)
    const told = async () => sumOf(await scrape(adapter), 'camunda_client_worker_job_handled_total')
    await until('Zeebe is told of all', async () => (await told()) === 6)
    const queue = { queue: keys.queue(laneName(lane('slow-300'))) }
    const ended = async () => sumOf(await scrape(ops), 'bullmq_job_completed_total', queue)
    await until('BullMQ has ended all', async () => (await ended()) === 6)
    const seen = await scrape(ops)
    expect(sumOf(seen, 'bullmq_job_failed_total', queue)).toBe(0)
    expect(seen.filter(({ name }) => name === 'bullmq_job_count')).toHaveLength(7)
    expect(sumOf(seen, 'bullmq_job_count', queue)).toBe(0)
    const ofTemplate = { ...TEMPLATE, type: jobTypeOf(env) }
    const invocations = 'camunda_connector_outbound_invocations_total'
    const executions = 'camunda_connector_outbound_execution_time_seconds_count'
    const overWorkers = async (name: string, labels: Readonly<Record<string, string>>) => {
      const samples = await Promise.all(workers.map(scrape))
      return samples.reduce((sum, each) => sum + (sumOf(each, name, labels) ?? 0), 0)
    }
    expect(sumOf(await scrape(adapter), invocations, { ...ofTemplate, action: 'activated' })).toBe(6)
    expect(await overWorkers(invocations, { ...ofTemplate, action: 'completed' })).toBe(6)
    expect(await overWorkers(executions, ofTemplate)).toBe(6)
    expect(await overWorkers('quarry_lane_open', { lane: laneName(lane('slow-300')) })).toBe(2)
  })

  it('shows its quota, and what of it was used lately', async () => {
    const seen = await scrape(ops)
    const of = { lane: laneName(lane('slow-300')), region: 'eu-west-1', model: lane('slow-300').model }
    expect(sumOf(seen, 'quarry_lane_quota_requests_per_minute', of)).toBe(6_000)
    expect(sumOf(seen, 'quarry_lane_quota_tokens_per_minute', of)).toBe(1_000_000)
    expect(sumOf(seen, 'quarry_lane_quota_concurrency', of)).toBeUndefined()
    expect(sumOf(seen, 'quarry_lane_pace_requests_per_minute', of)).toBeCloseTo(5_940)
    const used = sumOf(seen, 'quarry_lane_quota_used_ratio', of) ?? 0
    expect(used).toBeGreaterThan(0)
    expect(used).toBeLessThan(0.1)
    expect(sumOf(seen, 'quarry_lane_state', { ...of, state: 'running' })).toBe(1)
  })
})

describe('a lane whose calls take long', () => {
  it('shows them in flight, what they reserved, and wants a slot for each', async () => {
    await startJobs('hang', 5)
    await until('all are in flight', async () => (await figure('quarry_lane_calls_in_flight', 'hang')) === 5)
    expect(await figure('quarry_lane_wanted_slots', 'hang')).toBe(5)
    expect(await figure('quarry_lane_reserved_tokens', 'hang')).toBeGreaterThan(5)
    const age = () => figure('quarry_lane_oldest_wait_seconds', 'hang')
    await until('the oldest is older than a second', async () => ((await age()) ?? 0) > 1)
    const seen = await scrape(ops)
    const totals = [
      'quarry_workers',
      'quarry_leases_held',
      'quarry_capacity_jobs',
      'quarry_outcome_oldest_seconds',
    ]
    expect(totals.map((name) => sumOf(seen, name))).toEqual([2, 5, 95, 0])
    const oldest = { queue: keys.queue(laneName(lane('hang'))) }
    expect(sumOf(seen, 'bullmq_queue_oldest_job_age_seconds', oldest)).toBeGreaterThan(1)
  })
})

describe('a lane that is paused', () => {
  it('is shown as paused, keeps its jobs, and wants no slots; its jobs run once it is resumed', async () => {
    await startJobs('slow-200', 1)
    const waiting = () => figure('quarry_lane_jobs', 'slow-200', { state: 'waiting' })
    await until('it is known', async () => (await waiting()) !== undefined)
    await paused('slow-200', true)
    await startJobs('slow-200', 3)
    await until('three wait', async () => (await waiting()) === 3)
    const state = (name: string) => figure('quarry_lane_state', 'slow-200', { state: name })
    expect(await Promise.all(['running', 'paused', 'draining'].map(state))).toEqual([0, 1, 0])
    expect(await figure('quarry_lane_wanted_slots', 'slow-200')).toBe(0)
    await paused('slow-200', false)
    await until('none waits', async () => (await waiting()) === 0)
    expect(await state('running')).toBe(1)
  })
})

describe('a lane that AWS throttles', () => {
  it('shows a pace below its quota, throttles, and delayed jobs', async () => {
    await startJobs('throttle', 2)
    const pace = () => figure('quarry_lane_pace_requests_per_minute', 'throttle')
    await until('its pace is lower', async () => ((await pace()) ?? 6_000) < 5_000)
    await until('two are delayed', async () => {
      return (await figure('quarry_lane_jobs', 'throttle', { state: 'delayed' })) === 2
    })
    expect(await figure('quarry_lane_quota_used_ratio', 'throttle')).toBeLessThan(0.1)
    const counts = await Promise.all(workers.map(scrape))
    const throttles = counts.map((each) =>
      sumOf(each, 'quarry_throttles_total', { model: lane('throttle').model }),
    )
    expect(throttles.reduce<number>((sum, each) => sum + (each ?? 0), 0)).toBeGreaterThan(1)
  })
})

describe('the metrics of the whole installation', () => {
  const SHARED =
    /^(bullmq_|quarry_(lane_(?!open)|backlog_|capacity_|leases_held|lease_overdue|outcome_oldest|workers|redis_(memory|evicted|latency)))/
  const names = (samples: readonly Sample[]) => new Set(samples.map(({ name }) => name))

  it('are served by ops alone', async () => {
    const shared = [...names(await scrape(ops))].filter((name) => SHARED.test(name))
    expect(shared).toHaveLength(29)
    for (const other of [adapter, ...workers])
      expect([...names(await scrape(other))].filter((name) => SHARED.test(name))).toEqual([])
  })

  it('include Redis’s memory and latency', async () => {
    const seen = await scrape(ops)
    expect(sumOf(seen, 'quarry_redis_memory_used_bytes')).toBeGreaterThan(100_000)
    expect(sumOf(seen, 'quarry_redis_memory_max_bytes')).toBe(0)
    expect(sumOf(seen, 'quarry_redis_evicted_keys_total')).toBe(0)
    expect(sumOf(seen, 'quarry_redis_latency_seconds')).toBeGreaterThan(0)
  })

  it('keep their number of series under any number of jobs, and name no job, process or tenant', async () => {
    const all = async () => (await Promise.all([ops, adapter, ...workers].map(scrape))).flat()
    const before = await all()
    const ended = () => figure('quarry_lane_jobs', 'slow-300')
    await startJobs('slow-300', 30)
    const told = async () => sumOf(await scrape(adapter), 'quarry_reports_total', { result: 'accepted' })
    await until('they are told', async () => ((await told()) ?? 0) >= 40 && (await ended()) === 0)
    const after = await all()
    const series = (samples: readonly Sample[]) =>
      new Set(samples.map(({ name, labels }) => JSON.stringify([name, labels])))
    const added = [...series(after)].filter(
      (each) => !series(before).has(each) && /quarry|bullmq|camunda/.test(each),
    )
    expect(added).toEqual([])
    const labels = new Set(after.flatMap((sample) => Object.keys(sample.labels)))
    for (const label of labels) expect(label).not.toMatch(/job|process|tenant|instance|key/i)
    const values = after.flatMap((sample) => Object.values(sample.labels)).join(' ')
    expect(values).not.toMatch(/\b225\d{13}\b|\bp-[0-9a-f]{8}-/)
  })
})
