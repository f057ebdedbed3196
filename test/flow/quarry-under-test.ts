// Quarry as a process would run it, in this process, on the real parts: its own job type and Redis prefix, so that
// tests do not see each other's jobs.
import { randomUUID } from 'node:crypto'
import { inject } from 'vitest'
import type { EngineRecord } from '../../embedded/zeebe/records.ts'
import { makeEngineRecords } from '../../embedded/zeebe/records.ts'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import type { ProcessPort } from '../../src/camunda/process-port.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { type RunningProcess, startRoles } from '../../workers/all-in-one.ts'
import { bedrockProcess, type ConnectorTask } from './bedrock-process.ts'

/** Processes with tasks of one job type. */
export interface ProcessesUnderTest {
  readonly processes: ProcessPort
  /** Deploys a process with one connector task of the job type; returns its id. */
  deploy(task: Omit<ConnectorTask, 'id' | 'jobType'>): Promise<string>
  close(): Promise<void>
}

export interface QuarryUnderTest extends Omit<ProcessesUnderTest, 'close'> {
  readonly jobType: string
  readonly prefix: string
  readonly env: Readonly<Record<string, string>>
  readonly process: RunningProcess
  /** Runs an instance to its end and gives its variables. */
  run(processId: string, variables?: Record<string, unknown>): Promise<Record<string, unknown>>
  stop(): Promise<void>
}

/** Settings of a Quarry on the shared parts: the stand-in over TLS with HTTP/2, as production speaks. */
export function testEnvironment(overrides: Readonly<Record<string, string>> = {}): Record<string, string> {
  const id = randomUUID().slice(0, 8)
  return {
    ZEEBE_GRPC_ADDRESS: inject('zeebeGrpcAddress'),
    REDIS_URL: inject('redisUrl'),
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: inject('simTlsUrl'),
    AWS_ENDPOINT_URL_STS: inject('simTlsUrl'),
    AWS_CA_BUNDLE: inject('simCaFile'),
    CONNECTOR_AWS_BEDROCK_TYPE: `test:${id}`,
    QUARRY_REDIS_PREFIX: `test-${id}`,
    QUARRY_PORT: '0',
    // These tests expect what the line 8.9 does, with an engine of 8.8. connector-line.test.ts has `auto`.
    QUARRY_COMPATIBILITY: '8.9',
    LOG_LEVEL: 'silent',
    ...overrides,
  }
}

export async function startQuarry(
  overrides: Readonly<Record<string, string>> = {},
): Promise<QuarryUnderTest> {
  // The default credentials chain reads the process's environment.
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVDEFAULT'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'envsecret'
  const env = testEnvironment(overrides)
  if (inject('zeebeRecordsUrl') !== '') beganAt ??= endOfLog()
  await beganAt
  const { settings } = loadSettings({ env })
  const running = await startRoles(settings)
  const { processes, deploy, close } = makeProcessesUnderTest(env)
  return {
    jobType: settings.jobType,
    prefix: settings.redis.prefix,
    env,
    process: running,
    processes,
    deploy,
    async run(bpmnProcessId, variables = {}) {
      const request = { bpmnProcessId, variables: JSON.stringify(variables), requestTimeoutMs: 60_000 }
      return JSON.parse((await processes.createInstanceWithResult(request)).variables)
    },
    async stop() {
      await close()
      await running.stop()
    },
  }
}

/** Processes for a Quarry with this environment. */
export function makeProcessesUnderTest(env: Readonly<Record<string, string>>): ProcessesUnderTest {
  const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
  return {
    processes,
    async deploy(task) {
      const id = `p-${randomUUID()}`
      const content = bedrockProcess({ ...task, id, jobType: env['CONNECTOR_AWS_BEDROCK_TYPE'] ?? '' })
      await processes.deploy([{ name: `${id}.bpmn`, content }])
      return id
    },
    close: () => processes.close(),
  }
}

/** Inputs of a Converse task with the worker's own credentials. */
export function converseInputs(
  modelId: string,
  overrides: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    'authentication.type': 'defaultCredentialsChain',
    'configuration.region': 'eu-west-1',
    action: 'converse',
    'data.modelId': modelId,
    'data.newMessage': 'Hello there',
    ...overrides,
  }
}

/** Inputs of an InvokeModel task with the worker's own credentials. */
export function invokeInputs(
  modelId: string,
  overrides: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    'authentication.type': 'defaultCredentialsChain',
    'configuration.region': 'eu-west-1',
    action: 'invokeModel',
    'data.modelId': modelId,
    'data.payload': '={"messages":[{"role":"user","content":"Hi"}],"max_tokens":100}',
    ...overrides,
  }
}

/** Where the engine's log ended when this file of tests began: what it starts itself comes after that. */
let beganAt: Promise<number> | undefined

async function endOfLog(): Promise<number> {
  const records = makeEngineRecords(Number(new URL(inject('zeebeRecordsUrl')).port))
  for (let position = -1; ; ) {
    const read = await records.since(position, { valueType: 'INCIDENT', limit: 10_000 })
    if (read.position === position) return position
    position = read.position
  }
}

/** Reads the engine's records of one instance of this file until `enough` says so, and returns them. */
export async function recordsUntil(
  processInstanceKey: string,
  enough: (records: readonly EngineRecord[]) => boolean,
): Promise<EngineRecord[]> {
  const records = makeEngineRecords(Number(new URL(inject('zeebeRecordsUrl')).port))
  const found: EngineRecord[] = []
  const deadline = Date.now() + 60_000
  let position = (await beganAt) ?? -1
  while (!enough(found)) {
    if (Date.now() > deadline)
      throw new Error(
        `Not seen within 60 s; records: ${JSON.stringify(found.map((record) => [record.valueType, record.intent]))}`,
      )
    const read = await records.since(position)
    position = read.position
    found.push(...read.records.filter(({ value }) => value['processInstanceKey'] === processInstanceKey))
    if (read.records.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return found
}

/** Whether an instance has ended: completed, terminated, or stuck in an incident. */
export function hasEnded(records: readonly EngineRecord[]): boolean {
  return records.some(
    ({ valueType, intent, value }) =>
      (valueType === 'PROCESS_INSTANCE' &&
        value['bpmnElementType'] === 'PROCESS' &&
        (intent === 'ELEMENT_COMPLETED' || intent === 'ELEMENT_TERMINATED')) ||
      (valueType === 'INCIDENT' && intent === 'CREATED'),
  )
}
