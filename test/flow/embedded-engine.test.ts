// The embedded parts for real: starts both through their API and holds the engine to what a Zeebe gateway does.
// Starts its own parts, whatever the environment offers.
import { join } from 'node:path'
import { Client, credentials, type ServiceError } from '@grpc/grpc-js'
import { loadSync, type ServiceDefinition } from '@grpc/proto-loader'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import {
  type EnginePart,
  type EngineRecord,
  type RedisPart,
  silentProgress,
  startEngine,
  startRedis,
} from '../../embedded/parts.ts'
import { findEngineNeeds } from '../../embedded/zeebe/start-engine.ts'
import { bedrockProcess } from './bedrock-process.ts'

/** A process of one service task; its id is its job type too. */
const processOf = (id: string) => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="quarry">
  <process id="${id}" isExecutable="true">
    <startEvent id="start"><outgoing>in</outgoing></startEvent>
    <sequenceFlow id="in" sourceRef="start" targetRef="work"/>
    <serviceTask id="work">
      <extensionElements><zeebe:taskDefinition type="${id}"/></extensionElements>
      <incoming>in</incoming><outgoing>out</outgoing>
    </serviceTask>
    <sequenceFlow id="out" sourceRef="work" targetRef="end"/>
    <endEvent id="end"><incoming>out</incoming></endEvent>
  </process>
</definitions>`

interface Job {
  readonly key: string
  readonly retries: number
  readonly variables: string
}

let engine: EnginePart
let redis: RedisPart
let gateway: Client
let service: ServiceDefinition

const needs = await findEngineNeeds(process.env)

beforeAll(async () => {
  if (typeof needs === 'string') return
  const { ZEEBE_GRPC_ADDRESS, ZEEBE_ADDRESS, REDIS_URL, ...env } = process.env
  const options = { env: { ...env, QUARRY_PARTS: 'embedded' }, progress: silentProgress }
  ;[engine, redis] = await Promise.all([startEngine(options), startRedis(options)])
  const proto = join(import.meta.dirname, '..', '..', 'src', 'camunda', 'zeebe.proto')
  service = loadSync(proto, { longs: String, defaults: true })[
    'gateway_protocol.Gateway'
  ] as ServiceDefinition
  gateway = new Client(engine.grpcAddress.replace('grpc://', ''), credentials.createInsecure(), {
    'grpc.enable_http_proxy': 0,
  })
  const resources = ['requested', 'streamed'].map((id) => ({
    name: `${id}.bpmn`,
    content: Buffer.from(processOf(id)),
  }))
  const boundary = [{ code: 'refused' }, {}]
  const caught = bedrockProcess({ id: 'caught', jobType: 'requested', inputs: {}, boundary })
  resources.push({ name: 'caught.bpmn', content: Buffer.from(caught) })
  await call('DeployResource', { resources })
}, 180_000)

// Where all other tests run on containers.
beforeEach(({ skip }) =>
  skip(typeof needs === 'string', `The embedded engine cannot be started here: ${needs}`),
)

afterAll(async () => {
  gateway?.close()
  await Promise.all([engine?.stop(), redis?.stop()])
})

function methodOf(name: string) {
  const method = service[name]
  if (method === undefined) throw new Error(`The proto has no ${name}`)
  return method
}

function call(name: string, request: object): Promise<Record<string, unknown>> {
  const { path, requestSerialize, responseDeserialize } = methodOf(name)
  return new Promise((resolve, reject) => {
    gateway.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      { deadline: Date.now() + 30_000 },
      (error: ServiceError | null, answer?: object) => (error ? reject(error) : resolve({ ...answer })),
    )
  })
}

function open(name: string, request: object) {
  const { path, requestSerialize, responseDeserialize } = methodOf(name)
  return gateway.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request)
}

async function activate(requestTimeout: number): Promise<Job[]> {
  const request = {
    type: 'requested',
    worker: 'test',
    timeout: 60_000,
    maxJobsToActivate: 10,
    requestTimeout,
  }
  const jobs: Job[] = []
  for await (const answer of open('ActivateJobs', request)) jobs.push(...answer.jobs)
  return jobs
}

async function createInstance(variables: object, bpmnProcessId = 'requested'): Promise<string> {
  const request = { bpmnProcessId, version: -1, variables: JSON.stringify(variables) }
  return String((await call('CreateProcessInstance', request))['processInstanceKey'])
}

async function onlyJob(): Promise<Job> {
  const [job, ...more] = await activate(10_000)
  if (job === undefined) throw new Error('No job came within the time of the request')
  expect(more).toEqual([])
  return job
}

async function recordsOf(intent: string, key: string): Promise<EngineRecord[]> {
  const { records = [] } = (await engine.records?.since(-1, { valueType: 'JOB' })) ?? {}
  return records.filter((record) => record.key === key && record.intent === intent)
}

test('a failed job gets the variables of the failure, and waits for its back-off', async () => {
  await createInstance({ prompt: 'hello' })
  const job = await onlyJob()
  expect(JSON.parse(job.variables)).toEqual({ prompt: 'hello' })
  await call('FailJob', {
    jobKey: job.key,
    retries: 2,
    errorMessage: 'no luck',
    retryBackOff: 100,
    variables: '{"why":{"code":429}}',
  })
  expect(await recordsOf('FAILED', job.key)).toMatchObject([
    { value: { retries: 2, errorMessage: 'no luck', retryBackoff: 100, variables: { why: { code: 429 } } } },
  ])
  const again = await onlyJob()
  expect(again).toMatchObject({ key: job.key, retries: 2 })
  expect(JSON.parse(again.variables)).toEqual({ prompt: 'hello', why: { code: 429 } })
  await call('CompleteJob', { jobKey: job.key, variables: '{}' })
})

test('the engine refuses variables that are not JSON as an invalid argument', async () => {
  const refused = call('FailJob', { jobKey: '1', retries: 0, variables: '{' })
  await expect(refused).rejects.toMatchObject({ code: 3 })
})

test('the lease of a job can be extended, and that of an unknown job is not found', async () => {
  await createInstance({})
  const job = await onlyJob()
  await call('UpdateJobTimeout', { jobKey: job.key, timeout: 120_000 })
  const [record] = await recordsOf('TIMEOUT_UPDATED', job.key)
  expect(Number(record?.value['deadline'])).toBeGreaterThan(Date.now() + 100_000)
  await expect(call('UpdateJobTimeout', { jobKey: '1', timeout: 1 })).rejects.toMatchObject({ code: 5 })
  await call('CompleteJob', { jobKey: job.key, variables: '{}' })
})

test('the engine holds a request for jobs until there is a job, and ends it without jobs at its time limit', async () => {
  expect(await activate(50)).toEqual([])
  expect(await activate(-1)).toEqual([])
  const held = onlyJob()
  await createInstance({})
  await call('CompleteJob', { jobKey: (await held).key, variables: '{}' })
})

test('a job stream without a tenant gets jobs', async () => {
  const stream = open('StreamActivatedJobs', { type: 'streamed', worker: 'test', timeout: 60_000 })
  const closed = new Promise((resolve) => stream.on('error', resolve))
  const pushed: Job[] = []
  stream.on('data', (job: Job) => pushed.push(job))
  // The gateway does not say when a stream is in place, and jobs made before wait for a request.
  while (pushed.length === 0) await createInstance({ prompt: 'hello' }, 'streamed')
  expect(JSON.parse(pushed[0]?.variables ?? '')).toEqual({ prompt: 'hello' })
  stream.cancel()
  await closed
})

test('an instance created with its result answers with the variables of its end', async () => {
  const request = { bpmnProcessId: 'requested', version: -1, variables: '{}' }
  const result = call('CreateProcessInstanceWithResult', { request, requestTimeout: 20_000 })
  await call('CompleteJob', { jobKey: (await onlyJob()).key, variables: '{"answer":42}' })
  expect(JSON.parse(String((await result)['variables']))).toEqual({ answer: 42 })
})

test('records are read from a position on, and include incidents and the life of instances', async () => {
  const { position = -1 } = (await engine.records?.since(-1, { limit: 100_000 })) ?? {}
  const instance = await createInstance({})
  const job = await onlyJob()
  await call('FailJob', { jobKey: job.key, retries: 0, errorMessage: 'given up' })
  const { records = [] } = (await engine.records?.since(position)) ?? {}
  expect(records.map(({ valueType, intent }) => `${valueType} ${intent}`)).toEqual([
    'PROCESS_INSTANCE ELEMENT_ACTIVATED',
    'JOB CREATED',
    'JOB FAILED',
    'INCIDENT CREATED',
  ])
  expect(records[0]?.key).toBe(instance)
  expect(records.at(-1)?.value).toMatchObject({ jobKey: job.key, errorMessage: 'given up' })
  const first = await engine.records?.since(position, { limit: 1 })
  const rest = await engine.records?.since(first?.position ?? -1)
  expect([...(first?.records ?? []), ...(rest?.records ?? [])]).toEqual(records)
})

test('the records include a thrown error, and the boundary event that caught it', async () => {
  for (const [errorCode, boundary] of [
    ['refused', 'b0'],
    ['other', 'b1'],
  ]) {
    const { position = -1 } = (await engine.records?.since(-1, { limit: 100_000 })) ?? {}
    await createInstance({}, 'caught')
    const job = await onlyJob()
    const error = { errorCode, errorMessage: 'no', variables: '{"reason":"policy"}' }
    await call('ThrowError', { jobKey: job.key, ...error })
    await vi.waitFor(async () => {
      const { records = [] } = (await engine.records?.since(position)) ?? {}
      const thrown = records.find(({ intent }) => intent === 'ERROR_THROWN')
      expect(thrown?.value).toMatchObject({ errorCode, errorMessage: 'no', variables: { reason: 'policy' } })
      const elements = records
        .filter(({ intent }) => intent === 'ELEMENT_COMPLETED')
        .map(({ value }) => [value['bpmnElementType'], value['elementId']])
      expect(elements).toEqual([
        ['BOUNDARY_EVENT', boundary],
        ['PROCESS', 'caught'],
      ])
    })
  }
})

test('the embedded Redis keeps nothing on disk, and refuses writes instead of evicting keys', async () => {
  const client = new Redis(redis.url)
  client.on('error', () => {})
  expect(await client.config('GET', 'save')).toEqual(['save', ''])
  expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction'])
  client.disconnect()
})
