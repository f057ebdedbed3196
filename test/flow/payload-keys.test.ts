// Keys of payloads that change: what was written under an old key is read by who has it, and set aside by who has not.
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { type RunningProcess, startRoles } from '../../workers/all-in-one.ts'
import { bedrockProcess } from './bedrock-process.ts'
import { readSamples } from './metric-samples.ts'
import { callsOf, until } from './quarry-process.ts'
import { converseInputs, testEnvironment } from './quarry-under-test.ts'

const OLD = randomBytes(32).toString('base64')
const NEW = randomBytes(32).toString('base64')
const JOBS = 5

const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
const running = new Set<RunningProcess>()
let folder: string
let redis: Redis

beforeAll(async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVDEFAULT'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'envsecret'
  folder = await mkdtemp(join(tmpdir(), 'quarry-keys-'))
  redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null })
})
afterEach(async () => {
  for (const each of running) await stop(each)
})
afterAll(async () => {
  redis?.disconnect()
  await processes.close()
  await rm(folder ?? '', { recursive: true, force: true })
})

async function start(env: Record<string, string>): Promise<RunningProcess> {
  const started = await startRoles(loadSettings({ env }).settings)
  running.add(started)
  return started
}

async function stop(started: RunningProcess): Promise<void> {
  running.delete(started)
  await started.stop()
}

/** An adapter without a worker takes jobs in, under the old key, and is gone. */
async function enqueued() {
  const env = testEnvironment()
  const modelId = `nova@${randomUUID()}`
  const bpmnProcessId = `p-${randomUUID()}`
  const jobType = env['CONNECTOR_AWS_BEDROCK_TYPE'] ?? ''
  const content = bedrockProcess({ id: bpmnProcessId, jobType, inputs: converseInputs(modelId) })
  await processes.deploy([{ name: `${bpmnProcessId}.bpmn`, content }])
  const adapter = await start({ ...env, QUARRY_ROLES: 'adapter', QUARRY_PAYLOAD_KEY: OLD })
  const request = { bpmnProcessId, variables: '{}', requestTimeoutMs: 100_000 }
  const ended = Promise.all(Array.from({ length: JOBS }, () => processes.createInstanceWithResult(request)))
  const prefix = env['QUARRY_REDIS_PREFIX'] ?? ''
  await until('all are in Redis', async () => (await redis.keys(`${prefix}:{*}:z-*`)).length === JOBS)
  await stop(adapter)
  return { env, modelId, prefix, ended }
}

describe('a job that was written under an old key', () => {
  it('is executed by a process that has a new key and the old one, from a file', async () => {
    const { env, modelId, ended } = await enqueued()
    const file = join(folder, 'payload-keys')
    await writeFile(file, `# the new one encrypts\n${NEW}\n\n${OLD}\n`)
    await start({ ...env, QUARRY_PAYLOAD_KEY_FILE: file })
    expect(await ended).toHaveLength(JOBS)
    expect(await callsOf(modelId)).toHaveLength(JOBS)
  })

  it('is set aside by a process with only the new key, and executed when the old one is back', async () => {
    const { env, modelId, prefix, ended } = await enqueued()
    const without = await start({ ...env, QUARRY_PAYLOAD_KEY: NEW })
    const refused = new Set<string>()
    without.events.on('payloadUnread', ({ jobKey, left }) => {
      expect(left).toBe(false)
      refused.add(jobKey)
    })
    await until('all are set aside', async () => refused.size === JOBS)
    // As Operate shows them, not as BullMQ does.
    for (const key of refused) expect(key).toMatch(/^\d+$/)
    await stop(without)
    expect(await callsOf(modelId)).toEqual([])

    await start({ ...env, QUARRY_PAYLOAD_KEY: `${NEW}, ${OLD}` })
    const [lane = ''] = await redis.zrange(`${prefix}:lanes`, '0', '-1')
    const queue = new Queue(`{${lane}}`, { connection: redis, prefix })
    // What is set aside is looked at again after a minute; the test does not wait for it.
    await queue.promoteJobs()
    await queue.close()
    expect(await ended).toHaveLength(JOBS)
    expect(await callsOf(modelId)).toHaveLength(JOBS)
  })
})

describe('encryption of payloads', () => {
  it.each([
    ['without a key', {}, false],
    ['with a key', { QUARRY_PAYLOAD_KEY: NEW }, true],
  ])('is shown in health and metrics: %s', async (_title, key, encrypted) => {
    const { url } = await start(testEnvironment(key))
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ payloadsEncrypted: encrypted })
    const samples = readSamples(await (await fetch(`${url}/metrics`)).text())
    const gauge = samples.find(({ name }) => name === 'quarry_payloads_encrypted')
    expect(gauge?.value).toBe(encrypted ? 1 : 0)
  })

  it('is not a metric of ops, which stores no payloads and has no key', async () => {
    const { url } = await start({ ...testEnvironment(), QUARRY_ROLES: 'ops' })
    expect(await (await fetch(`${url}/health`)).json()).not.toHaveProperty('payloadsEncrypted')
    expect(await (await fetch(`${url}/metrics`)).text()).not.toContain('quarry_payloads_encrypted')
  })
})
