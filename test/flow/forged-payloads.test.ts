// Somebody who can write to Redis, and has no payload key: what he writes is neither told to Zeebe nor called, and what was
// written before there was a key, or by the version before, is not lost.
import { randomBytes, randomUUID } from 'node:crypto'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import type { JobKey } from '../../src/job/ids.ts'
import type { PayloadFault } from '../../src/payload/payload-codec.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { type RunningProcess, startRoles } from '../../workers/all-in-one.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'
import { converseJob } from './connector-jobs.ts'
import { readSamples } from './metric-samples.ts'
import { callsOf, until } from './quarry-process.ts'
import { testEnvironment } from './quarry-under-test.ts'

const KEY = { QUARRY_PAYLOAD_KEY: randomBytes(32).toString('base64') }
const REPORTS = ['CompleteJob', 'FailJob', 'ThrowError']

let gateway: FakeGateway
let redis: Redis
let env: Record<string, string>
let running: RunningProcess[]

beforeEach(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVDEFAULT'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'envsecret'
  process.env['SECRET_DB_PASSWORD'] = 'the-password-of-the-database'
  running = []
  gateway = await startFakeGateway()
  redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null })
  env = testEnvironment({ ZEEBE_GRPC_ADDRESS: gateway.address })
})
afterEach(async () => {
  delete process.env['SECRET_DB_PASSWORD']
  await Promise.all((running ?? []).map((each) => each.stop()))
  redis?.disconnect()
  await gateway?.stop()
})

async function start(overrides: Record<string, string>) {
  const quarry = await startRoles(loadSettings({ env: { ...env, ...overrides } }).settings)
  running.push(quarry)
  const refused: { jobKey: string; why: PayloadFault }[] = []
  quarry.events.on('payloadRefused', ({ jobKey, why }) => void refused.push({ jobKey, why }))
  return Object.assign(quarry, { refused })
}

async function stop(quarry: RunningProcess): Promise<void> {
  running = running.filter((each) => each !== quarry)
  await quarry.stop()
}

/** Jobs that an adapter has put into their lane, where no worker is. */
async function queued(overrides: Record<string, string>, count = 1) {
  const adapter = await start({ ...overrides, QUARRY_ROLES: 'adapter' })
  const model = `m@${randomUUID()}`
  const type = env['CONNECTOR_AWS_BEDROCK_TYPE'] ?? ''
  const jobs = Array.from({ length: count }, () => gateway.addJob(converseJob(type, model)))
  const prefix = env['QUARRY_REDIS_PREFIX'] ?? ''
  const found = () => redis.keys(`${prefix}:{*}:z-*`)
  await until('all are in their lane', async () => (await found()).length === count)
  const stored = (await found()).sort()
  return { adapter, model, jobs, stored }
}

/** Has the jobs of all lanes that were set aside looked at again: nobody waits for a minute. */
async function lookAgain(): Promise<void> {
  const prefix = env['QUARRY_REDIS_PREFIX'] ?? ''
  for (const lane of await redis.zrange(`${prefix}:lanes`, '0', '-1')) {
    const queue = new Queue(`{${lane}}`, { connection: redis, prefix })
    await queue.promoteJobs()
    await queue.close()
    await redis.publish(`${prefix}:lane-woke`, lane)
  }
}

/** Writes an outcome as whoever has a password of Redis can. */
async function forge(job: JobKey, outcome: string): Promise<void> {
  const keys = makeKeys(env['QUARRY_REDIS_PREFIX'] ?? '')
  const epoch = (await redis.hget(keys.job(job), 'epoch')) ?? ''
  await redis.hset(keys.job(job), { state: 'answered', outcome })
  await redis.xadd(keys.outbox(keys.shardOf(job)), '*', 'key', job, 'epoch', epoch)
}

const reports = () => gateway.calls.filter(({ method }) => REPORTS.includes(method))
const SEALED = `1p${JSON.stringify({
  kind: 'completed',
  variables: '{"x":"\uE0000\uE001"}',
  sealed: { names: ['DB_PASSWORD'], scope: { tenantId: 'other', bpmnProcessId: 'p' } },
})}`

describe('an outcome forged in Redis', () => {
  it.each<[string, Record<string, string>, string, PayloadFault]>([
    [
      'in plaintext, where there is a payload key',
      KEY,
      '1p{"kind":"completed","variables":"{}"}',
      'plaintext',
    ],
    ['to be given a secret, where there is a payload key', KEY, SEALED, 'plaintext'],
    ['to be given a secret, where there is none', {}, SEALED, 'unproven'],
    [
      'to be given a secret, while plaintext is accepted',
      { ...KEY, QUARRY_PAYLOAD_PLAINTEXT: 'accept' },
      SEALED,
      'unproven',
    ],
  ])(
    '%s, is set aside and reported in the log, and not sent to Zeebe',
    async (_, overrides, outcome, why) => {
      const { adapter, jobs } = await queued(overrides)
      const [job = '' as JobKey] = jobs
      await forge(job, outcome)
      await until('it is refused', async () => adapter.refused.length > 0)
      expect(adapter.refused).toEqual([{ jobKey: job, why }])
      const health = await (await fetch(`${adapter.url}/health`)).json()
      expect(health).toMatchObject({ payloadsRefused: { [why]: 1 } })
      const samples = readSamples(await (await fetch(`${adapter.url}/metrics`)).text())
      expect(samples.find(({ name }) => name === 'quarry_payloads_refused_total')?.value).toBe(1)
      // An entry after it is read and reported: the forged one is passed by, not waited for.
      const type = env['CONNECTOR_AWS_BEDROCK_TYPE'] ?? ''
      await start({ ...overrides, QUARRY_ROLES: 'bedrock' })
      await gateway.ended(gateway.addJob(converseJob(type, `m@${randomUUID()}`)))
      expect(reports().filter(({ request }) => request['jobKey'] === job)).toEqual([])
      expect(JSON.stringify(gateway.calls)).not.toContain('the-password-of-the-database')
    },
  )
})

describe('a queued job forged in Redis', () => {
  it('is not called, in plaintext or as another job’s ciphertext, and the real job is not lost', async () => {
    const { model, jobs, stored } = await queued(KEY, 2)
    const [one = '', other = ''] = stored
    const [true1, true2] = await Promise.all(stored.map((key) => redis.hget(key, 'data')))
    await redis.hset(one, 'data', true2 ?? '')
    await redis.hset(
      other,
      'data',
      JSON.stringify({ ...JSON.parse(true2 ?? ''), payload: '1p["1",1,"1","p","1","e","t",3,"{}","{}"]' }),
    )
    const worker = await start({ ...KEY, QUARRY_ROLES: 'bedrock' })
    await until('both are refused', async () => worker.refused.length === 2)
    expect(worker.refused.map(({ why }) => why).sort()).toEqual(['damaged', 'plaintext'])
    expect(await callsOf(model)).toEqual([])
    expect(reports()).toEqual([])

    await redis.hset(one, 'data', true1 ?? '')
    await redis.hset(other, 'data', true2 ?? '')
    await lookAgain()
    await Promise.all(jobs.map((job) => gateway.ended(job)))
    expect(await callsOf(model)).toHaveLength(2)
  })

  it('is not reported: a job’s ciphertext is not accepted as an outcome', async () => {
    const { adapter, jobs, stored } = await queued(KEY)
    const { payload } = JSON.parse((await redis.hget(stored[0] ?? '', 'data')) ?? '{}')
    await forge(jobs[0] ?? ('' as JobKey), payload)
    await until('it is refused', async () => adapter.refused.length > 0)
    expect(adapter.refused).toMatchObject([{ why: 'damaged' }])
    expect(reports()).toEqual([])
  })
})

describe('plaintext payloads in Redis', () => {
  it.each<[string, Record<string, string>, Record<string, string>]>([
    [
      'since before the first key, is executed while plaintext is accepted',
      {},
      { ...KEY, QUARRY_PAYLOAD_PLAINTEXT: 'accept' },
    ],
    ['encrypted by the version before, is executed', { ...KEY, QUARRY_PAYLOAD_OLD_FORMAT: 'write' }, KEY],
    [
      'encrypted by this version, is executed beside the version before',
      KEY,
      { ...KEY, QUARRY_PAYLOAD_OLD_FORMAT: 'write' },
    ],
  ])('%s', async (_, before, after) => {
    const { adapter, model, jobs } = await queued(before, 3)
    await stop(adapter)
    const quarry = await start(after)
    await Promise.all(jobs.map((job) => gateway.ended(job)))
    expect(await callsOf(model)).toHaveLength(3)
    expect(quarry.refused).toEqual([])
  })

  it('from before the first key are set aside while plaintext is refused, and executed once it is accepted', async () => {
    const { adapter, model, jobs } = await queued({}, 3)
    await stop(adapter)
    const strict = await start(KEY)
    await until('all are set aside', async () => strict.refused.length === 3)
    await stop(strict)
    expect(await callsOf(model)).toEqual([])
    await start({ ...KEY, QUARRY_PAYLOAD_PLAINTEXT: 'accept' })
    await lookAgain()
    await Promise.all(jobs.map((job) => gateway.ended(job)))
    expect(await callsOf(model)).toHaveLength(3)
  })
})
