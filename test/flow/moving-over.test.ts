// Moving over from the stock connector and back, as docs/migration.md describes it, with the environment of that runtime. A worker that
// completes each job stands for the stock runtime.
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import type { ActivatedJob } from '../../src/job/activated-job.ts'
import { runQuarry } from '../cli/run-quarry.ts'
import { bedrockProcess } from './bedrock-process.ts'
import { type ProcessRest, startProcessRest } from './camunda-rest.ts'
import { environment, jobTypeOf, type QuarryProcess, startQuarryProcess, until } from './quarry-process.ts'
import { converseInputs, makeProcessesUnderTest } from './quarry-under-test.ts'

const CREDENTIALS = {
  'authentication.type': 'credentials',
  'authentication.accessKey': '{{secrets.AWS_KEY}}',
  'authentication.secretKey': '{{secrets.AWS_SECRET}}',
}
const KEYS = { AWS_KEY: 'AKIAENVDEFAULT', AWS_SECRET: 'envsecret' }
const WITH_PREFIX = { SECRET_AWS_KEY: KEYS.AWS_KEY, SECRET_AWS_SECRET: KEYS.AWS_SECRET }
const LEASE = 'PT10S'

const toStop: (() => Promise<unknown>)[] = []
let rest: ProcessRest
beforeAll(async () => {
  rest = await startProcessRest()
})
afterEach(async () => {
  while (toStop.length > 0) await toStop.pop()?.()
})
afterAll(() => rest?.stop())

/** The environment of a stock runtime, for the parts of these tests. */
function stockEnvironment(overrides: Record<string, string> = {}): Record<string, string> {
  const { ZEEBE_GRPC_ADDRESS = '', ...env } = environment({ QUARRY_COMPATIBILITY: '', ...overrides })
  return {
    ...env,
    CAMUNDA_CLIENT_MODE: 'self-managed',
    CAMUNDA_CLIENT_GRPCADDRESS: ZEEBE_GRPC_ADDRESS.replace('grpc://', 'http://'),
    CAMUNDA_CLIENT_RESTADDRESS: rest.url,
    CAMUNDA_CLIENT_WORKER_DEFAULTS_TIMEOUT: LEASE,
  }
}

async function start(env: Record<string, string>): Promise<QuarryProcess> {
  const quarry = await startQuarryProcess({ env })
  toStop.push(quarry.stop)
  await quarry.ready()
  return quarry
}

interface Finding {
  readonly check: string
  readonly level: string
  readonly text: string
}

async function doctor(env: Record<string, string>): Promise<readonly Finding[]> {
  const { stdout } = await runQuarry(['doctor', '--json'], { PATH: process.env['PATH'] ?? '', ...env })
  return JSON.parse(stdout).findings
}

function diagrams(env: Record<string, string>) {
  const { processes, close } = makeProcessesUnderTest(env)
  toStop.push(close)
  return {
    async deploy(jobType: string): Promise<string> {
      const id = `p-${randomUUID()}`
      const content = bedrockProcess({ id, jobType, inputs: converseInputs('nova', CREDENTIALS) })
      const [deployed] = await processes.deploy([{ name: `${id}.bpmn`, content }])
      await rest.show(deployed?.processDefinitionKey ?? '', content)
      return id
    },
    run: (bpmnProcessId: string) =>
      processes.createInstanceWithResult({ bpmnProcessId, variables: '{}', requestTimeoutMs: 60_000 }),
  }
}

/** Completes the jobs of a type, with a variable that names it. Gives what it got. */
function stockRuntime(type: string): readonly ActivatedJob[] {
  const port = makeGrpcJobPort({ address: inject('zeebeGrpcAddress') })
  const stopping = new AbortController()
  const jobs: ActivatedJob[] = []
  const request = {
    ...{ type, worker: 'stock', timeoutMs: 60_000, fetchVariables: [], tenantIds: ['<default>'] },
    ...{ maxJobs: 10, requestTimeoutMs: 1_000 },
  }
  const work = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const got: ActivatedJob[] = []
      await port.activate(request, (job) => got.push(job), stopping.signal)
      jobs.push(...got)
      for (const job of got) await port.complete({ jobKey: job.key, variables: '{"by":"stock"}' })
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const working = work().catch(() => undefined)
  toStop.push(async () => {
    stopping.abort()
    await working
    await port.close()
  })
  return jobs
}

const said = (findings: readonly Finding[], check: string) =>
  findings.filter((finding) => finding.check === check).map(({ level, text }) => `${level} ${text}`)

describe('an installation of 8.8', () => {
  it('is moved by a canary first, then as a whole, and back, with no setting of Quarry but Redis', async () => {
    const env = stockEnvironment({ ...KEYS, CAMUNDA_CLIENT_WORKER_DEFAULTS_MAXJOBSACTIVE: '32' })
    const type = jobTypeOf(env)
    const found = await doctor(env)
    expect(found.filter(({ level }) => level === 'fault')).toEqual([])
    expect(said(found, 'connector')).toEqual([
      'ok Jobs will follow the line 8.8 of the connector (gateway 8.8.0).',
    ])
    expect(said(found, 'settings').join()).toContain('CAMUNDA_CLIENT_WORKER_DEFAULTS_MAXJOBSACTIVE')

    // The canary has a type of its own; the stock runtime keeps the other.
    const canaryType = `${type}-canary`
    const canary = await start({ ...env, CONNECTOR_AWS_BEDROCK_TYPE: canaryType })
    const { deploy, run } = diagrams(env)
    const others = stockRuntime(type)
    const [one, two] = await Promise.all([deploy(canaryType), deploy(type)])
    expect(JSON.parse((await run(one)).variables)).not.toHaveProperty('by')
    expect(JSON.parse((await run(two)).variables)).toHaveProperty('by', 'stock')
    expect(others).toHaveLength(1)
    await canary.stop()

    // Everything, once the stock runtime leaves the type alone.
    await toStop.pop()?.()
    const quarry = await start(env)
    expect(await quarry.logged('line of the connector runtime')).toMatchObject({ line: '8.8' })
    expect(JSON.parse((await run(two)).variables)).not.toHaveProperty('by')
    expect(said(await doctor(env), 'connector')).toEqual([
      'ok Jobs follow the line 8.8 of the connector (gateway 8.8.0).',
    ])
  })

  it('is moved back: jobs that waited come to the stock runtime when their leases end, with all retries', async () => {
    const env = stockEnvironment(KEYS)
    const quarry = await start(env)
    const { deploy, run } = diagrams(env)
    const process = await deploy(jobTypeOf(env))
    await run(process)
    expect((await runQuarry(['pause', '--all'], env)).code).toBe(0)
    const waiting = run(process)
    await until('the job waits in Quarry', async () => {
      const { stdout } = await runQuarry(['lanes', '--json'], env)
      return /"(?:waiting|queued)":\s*[1-9]/.test(stdout)
    })
    expect((await quarry.stop()).code).toBe(0)
    const got = stockRuntime(jobTypeOf(env))
    expect(JSON.parse((await waiting).variables)).toHaveProperty('by', 'stock')
    expect(got.map(({ retries }) => retries)).toEqual([3])
  })
})

describe('an installation of 8.9', () => {
  it('has the prefix and the filter of its line, with the REST API', async () => {
    const env = stockEnvironment({
      ...WITH_PREFIX,
      QUARRY_COMPATIBILITY: '8.9',
    })
    const found = await doctor(env)
    expect(said(found, 'connector')).toEqual([
      'ok Jobs follow the line 8.9 of the connector (QUARRY_COMPATIBILITY).',
    ])
    expect(said(found, 'security').join()).not.toMatch(/filter is off|every environment variable/)
    const quarry = await start(env)
    const { deploy, run } = diagrams(env)
    expect(JSON.parse((await run(await deploy(jobTypeOf(env)))).variables)).not.toHaveProperty('by')
    expect(JSON.parse((await quarry.get('/health')).text)).toMatchObject({
      connectorLine: '8.9',
      secretFilter: 'STRICT',
    })
  })
})
