// One role a process, as on Kubernetes: an adapter, a worker for each of two regions, ops.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { bedrockProcess } from './bedrock-process.ts'
import { readSamples, sumOf } from './metric-samples.ts'
import { environment, jobTypeOf, type QuarryProcess, startQuarryProcess, until } from './quarry-process.ts'
import { converseInputs, recordsUntil } from './quarry-under-test.ts'

const REGIONS = ['eu-west-1', 'us-east-1']
const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
const toStop: (() => Promise<unknown>)[] = [() => processes.close()]

afterAll(() => Promise.all(toStop.map((stop) => stop())))

async function start(env: Readonly<Record<string, string>>, ...args: string[]): Promise<QuarryProcess> {
  const quarry = await startQuarryProcess({ env, args })
  toStop.push(quarry.stop)
  await quarry.ready()
  return quarry
}

/** `env` without what only another role needs. */
function without(env: Readonly<Record<string, string>>, ...names: RegExp[]): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.some((other) => other.test(name))))
}

async function deploy(jobType: string, region: string, modelId: string): Promise<string> {
  const id = `p-${randomUUID()}`
  const inputs = converseInputs(modelId, { 'configuration.region': region })
  await processes.deploy([{ name: `${id}.bpmn`, content: bedrockProcess({ id, jobType, inputs }) }])
  return id
}

async function metric(quarry: QuarryProcess, name: string, labels: Readonly<Record<string, string>>) {
  return sumOf(readSamples((await quarry.get('/metrics')).text), name, labels)
}

describe('a process for each role', () => {
  const env = environment()
  const modelId = `nova@${randomUUID()}`
  const instances = 5
  let adapter: QuarryProcess
  let ops: QuarryProcess
  let workers: QuarryProcess[]
  let callersOfZeebe = 0

  beforeAll(async () => {
    // Where the workers would find Zeebe if they looked for it.
    const zeebe = createServer((socket) => {
      callersOfZeebe += 1
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(zeebe, 'listening')
    toStop.push(async () => zeebe.close())
    const address = zeebe.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const away = { ...env, ZEEBE_GRPC_ADDRESS: `grpc://127.0.0.1:${port}` }
    const ofAws = without(env, /^AWS_/)
    ;[adapter, ops, ...workers] = await Promise.all([
      start(ofAws, '--roles', 'adapter'),
      start(without(away, /^AWS_/), '--roles', 'ops'),
      ...REGIONS.map((region) => start(away, '--roles', 'bedrock', '--regions', region)),
    ])
  })

  it('completes instances of both regions, each called by the worker of its region only', async () => {
    const ids = await Promise.all(REGIONS.map((region) => deploy(jobTypeOf(env), region, modelId)))
    const request = { variables: '{}', requestTimeoutMs: 60_000 }
    const runs = ids.flatMap((bpmnProcessId) =>
      Array.from({ length: instances }, () =>
        processes.createInstanceWithResult({ bpmnProcessId, ...request }),
      ),
    )
    expect(await Promise.all(runs)).toHaveLength(REGIONS.length * instances)
    for (const worker of workers) {
      for (const region of REGIONS) {
        const own = workers.indexOf(worker) === REGIONS.indexOf(region)
        const calls = await metric(worker, 'quarry_bedrock_call_seconds_count', { region })
        expect(calls).toBe(own ? instances : undefined)
      }
    }
    expect(await metric(adapter, 'quarry_bedrock_call_seconds_count', {})).toBeUndefined()
    expect(await metric(adapter, 'quarry_reports_total', { result: 'accepted' })).toBe(runs.length)
  })

  it('has no worker that connects to Zeebe', () => {
    expect(callersOfZeebe).toBe(0)
  })

  it('serves the shared metrics in ops alone', async () => {
    const lane = { region: 'eu-west-1', model: modelId, state: 'waiting' }
    expect(await metric(ops, 'quarry_lane_jobs', lane)).toBe(0)
    for (const other of [adapter, ...workers]) {
      expect(await metric(other, 'quarry_lane_jobs', {})).toBeUndefined()
    }
  })
})

describe('a job of a region that no worker serves', () => {
  it('fails when its patience ends, as never sent, and loses one retry', async () => {
    const env = environment({ QUARRY_MAX_WAIT: 'PT3S' })
    const quarry = await start(env, '--roles', 'adapter,bedrock', '--regions', 'eu-west-1')
    const modelId = `nova@${randomUUID()}`
    const bpmnProcessId = await deploy(jobTypeOf(env), 'ap-south-1', modelId)
    const { processInstanceKey } = await processes.createInstance({ bpmnProcessId, variables: '{}' })
    const records = await recordsUntil(processInstanceKey, (seen) =>
      seen.some(({ intent }) => intent === 'FAILED'),
    )
    expect(records.find(({ intent }) => intent === 'FAILED')?.value).toMatchObject({
      retries: 2,
      errorMessage: expect.stringMatching(
        /^Never sent to Bedrock.* no Quarry worker serves region ap-south-1/,
      ),
      variables: {
        error: { type: 'software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException' },
      },
    })
    expect(await metric(quarry, 'quarry_bedrock_call_seconds_count', {})).toBeUndefined()
    await until(
      'the failure is counted',
      async () => ((await metric(quarry, 'quarry_jobs_expired_total', {})) ?? 0) > 0,
    )
  })
})
