// What a running process tells about itself: right figures, in a form that scrapers read, and no secret among them.
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type RedisPart, silentProgress, startRedis } from '../../embedded/parts.ts'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { bedrockProcess } from './bedrock-process.ts'
import { readSamples, type Sample, sumOf } from './metric-samples.ts'
import { environment, jobTypeOf, type QuarryProcess, startQuarryProcess, until } from './quarry-process.ts'
import { converseInputs, hasEnded, recordsUntil } from './quarry-under-test.ts'

const run = randomUUID()
const model = (script: string) => `${script}@${run}`
/** Found nowhere but in what a diagram passes to the connector, or in what comes of it. */
const SECRETS = ['prompt', 'access', 'secret', 'system'].map((word) => `${word.toUpperCase()}${randomUUID()}`)
const [PROMPT = '', ACCESS_KEY = '', SECRET_KEY = '', ENVIRONMENT_SECRET = ''] = SECRETS
const env = environment({
  // No job goes to another lane here.
  QUARRY_AWS_ACCOUNTS: 'keys',
  AWS_SECRET_ACCESS_KEY: ENVIRONMENT_SECRET,
  LOG_LEVEL: 'trace',
  QUARRY_LANE_CONCURRENCY: '1',
  // The calls that hang at the end are cut.
  QUARRY_SHUTDOWN_GRACE: 'PT1S',
})
const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
let redis: RedisPart
let quarry: QuarryProcess

beforeAll(async () => {
  const { REDIS_URL, ...ours } = process.env
  // One of its own: a test has it refuse writes.
  redis = await startRedis({ env: ours, progress: silentProgress })
  quarry = await startQuarryProcess({ env: { ...env, REDIS_URL: redis.url } })
  await quarry.ready()
})
afterAll(async () => {
  await quarry?.stop()
  await redis?.stop()
  await processes.close()
})

async function deploy(modelId: string, retries = '3'): Promise<string> {
  const id = `p-${randomUUID()}`
  const inputs = converseInputs(modelId, {
    'authentication.type': 'credentials',
    'authentication.accessKey': ACCESS_KEY,
    'authentication.secretKey': SECRET_KEY,
    'data.newMessage': PROMPT,
  })
  const headers = { resultVariable: 'answer' }
  const content = bedrockProcess({ id, jobType: jobTypeOf(env), inputs, headers, retries })
  await processes.deploy([{ name: `${id}.bpmn`, content }])
  return id
}

const startInstance = (bpmnProcessId: string) => processes.createInstance({ bpmnProcessId, variables: '{}' })

async function scrape(path = '/metrics'): Promise<Sample[]> {
  return readSamples((await quarry.get(path)).text)
}

/** The lane of a model: the account in its name is a pseudonym made with a key that only Redis has. */
function laneOf(samples: readonly Sample[], script: string): string {
  const lanes = samples.map(({ labels }) => labels['lane'] ?? '')
  return lanes.find((lane) => lane.endsWith(`@${encodeURIComponent(model(script))}`)) ?? 'no lane'
}

describe('metrics', () => {
  it('count completed, throttled and failed jobs, and time their waits and calls', async () => {
    const answered = await deploy(model('throttle-1'))
    const request = { bpmnProcessId: answered, variables: '{}', requestTimeoutMs: 60_000 }
    await Promise.all(Array.from({ length: 3 }, () => processes.createInstanceWithResult(request)))
    const { processInstanceKey } = await startInstance(await deploy(model('validation'), '1'))
    await recordsUntil(processInstanceKey, hasEnded)
    await until('all reports are counted', async () => sumOf(await scrape(), 'quarry_reports_total') === 4)
    const samples = await scrape()
    const calls = 'quarry_bedrock_call_seconds_count'
    const region = 'eu-west-1'
    const [throttled, refused] = ['throttle-1', 'validation'].map((script) => ({
      lane: { lane: laneOf(samples, script) },
      call: { region, model: model(script), action: 'converse' },
    }))
    const figures = [
      sumOf(samples, 'quarry_jobs_activated_total'),
      sumOf(samples, 'quarry_jobs_accepted_total', { ...throttled?.lane, acceptance: 'new' }),
      sumOf(samples, 'quarry_jobs_completed_total', throttled?.lane),
      sumOf(samples, 'quarry_jobs_failed_total', throttled?.lane),
      sumOf(samples, 'quarry_jobs_failed_total', refused?.lane),
      sumOf(samples, 'quarry_throttles_total', { region, model: model('throttle-1') }),
      sumOf(samples, 'quarry_deferrals_total', { ...throttled?.lane, reason: 'throttle' }),
      sumOf(samples, calls, { ...throttled?.call, outcome: 'throttle' }),
      sumOf(samples, calls, { ...throttled?.call, outcome: 'ok' }),
      sumOf(samples, calls, { ...refused?.call, outcome: 'final' }),
      sumOf(samples, 'quarry_queue_wait_seconds_count', throttled?.lane),
      sumOf(samples, 'quarry_reports_total', { outcome: 'completed', result: 'accepted' }),
      sumOf(samples, 'quarry_reports_total', { outcome: 'failed', result: 'accepted' }),
      sumOf(samples, 'quarry_dependency_up'),
      sumOf(samples, 'quarry_faults_total'),
      sumOf(samples, 'quarry_backlog_jobs'),
    ]
    expect(figures).toEqual([4, 3, 3, undefined, 1, 1, 1, 1, 3, 1, 3, 3, 1, 3, 0, 0])
  })

  it('show the jobs of a lane that run, wait for their turn, and wait after a throttle', async () => {
    const [hanging, throttled] = await Promise.all([deploy(model('hang')), deploy(model('throttle'))])
    await Promise.all([hanging, hanging, hanging, throttled].map(startInstance))
    const depth = async (script: string, state: string) =>
      sumOf(await scrape(), 'quarry_lane_jobs', { region: 'eu-west-1', model: model(script), state })
    await until('one job runs and two wait', async () => {
      return (await depth('hang', 'active')) === 1 && (await depth('hang', 'waiting')) === 2
    })
    await until('a throttled job is delayed', async () => (await depth('throttle', 'delayed')) === 1)
    expect(sumOf(await scrape(), 'quarry_backlog_jobs', { state: 'held' })).toBe(4)
  })

  it('and health are also served at the paths of the stock runtime', async () => {
    const names = (samples: readonly Sample[]) => new Set(samples.map(({ name }) => name))
    expect(names(await scrape('/actuator/prometheus'))).toEqual(names(await scrape()))
    for (const path of ['/actuator/health', '/actuator/health/readiness', '/actuator/health/liveness']) {
      const { status, text } = await quarry.get(path)
      expect([path, status, JSON.parse(text).status]).toEqual([path, 200, 'UP'])
    }
  })
})

describe('input of a diagram', () => {
  it('is neither in the metrics nor in the log, even when Redis refuses to store it', async () => {
    const client = new Redis(redis.url)
    client.on('error', () => undefined)
    await client.config('SET', 'maxmemory', '1')
    await startInstance(await deploy(model('refused')))
    await quarry.logged('fault', ({ where, err }) => {
      return where === 'activating jobs' && JSON.stringify(err).includes('OOM')
    })
    await client.config('SET', 'maxmemory', '0')
    client.disconnect()
    const [metrics, health] = await Promise.all(['/metrics', '/health'].map((path) => quarry.get(path)))
    const told = [quarry.output(), metrics?.text, health?.text].join('\n')
    expect(told).toContain(encodeURIComponent(model('validation')))
    for (const secret of SECRETS) expect(told).not.toContain(secret)
  })
})
