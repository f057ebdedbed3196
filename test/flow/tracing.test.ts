// One trace a job, from activation to report, over the queues and over processes that come and go: adapter and worker are
// processes of their own, and so is the adapter that reports.
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { bedrockProcess } from './bedrock-process.ts'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts'
import { environment, jobTypeOf, type QuarryProcess, startQuarryProcess } from './quarry-process.ts'
import { converseInputs, hasEnded, recordsUntil, startQuarry } from './quarry-under-test.ts'

const PROMPT = 'what-the-process-asks'
const ACCESS_KEY = 'AKIAOFTHEDIAGRAM'
const SECRET_KEY = 'the-secret-key-of-the-diagram'
const API_KEY = 'the-key-of-the-collector'
const GIVEN = randomBytes(16).toString('hex')

/** Tells on standard error which parts of OpenTelemetry are loaded, besides its API, which prom-client brings. */
const LOAD_TRACE = `import { registerHooks } from 'node:module'
registerHooks({ load(url, context, next) {
  if (/@opentelemetry\\/(?!api\\/)/.test(url)) process.stderr.write('LOADED ' + url + '\\n')
  return next(url, context)
} })`

const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
const started: QuarryProcess[] = []
let receiver: OtlpReceiver
let env: Record<string, string>
/** Process ids by what their model does. */
const ids = { plain: '', throttled: '', given: '' }

beforeAll(async () => {
  receiver = await startOtlpReceiver()
  env = environment({
    // No job goes to another lane here.
    QUARRY_AWS_ACCOUNTS: 'keys',
    LOG_LEVEL: 'trace',
    QUARRY_TRACING: 'otlp',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${API_KEY}`,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(LOAD_TRACE)}`,
  })
  ids.plain = await deploy(env, `echo@${randomUUID()}`)
  ids.throttled = await deploy(env, `throttle-2@${randomUUID()}`)
  ids.given = await deploy(env, `echo@${randomUUID()}`)
  await runInstances()
})
afterAll(async () => {
  await Promise.all(started.map((one) => one.stop()))
  await processes.close()
  receiver?.close()
})

async function start(of: Record<string, string>, ...roles: string[]): Promise<QuarryProcess> {
  const quarry = await startQuarryProcess({ env: of, args: ['--roles', roles.join()] })
  started.push(quarry)
  await quarry.ready()
  return quarry
}

async function deploy(of: Record<string, string>, modelId: string): Promise<string> {
  const id = `p-${randomUUID()}`
  const inputs = converseInputs(modelId, {
    'authentication.type': 'credentials',
    'authentication.accessKey': ACCESS_KEY,
    'authentication.secretKey': SECRET_KEY,
    'data.newMessage': PROMPT,
  })
  const task = { id, jobType: jobTypeOf(of), inputs, headers: { resultVariable: 'answer' } }
  await processes.deploy([{ name: `${id}.bpmn`, content: bedrockProcess(task) }])
  return id
}

/** The adapter that queues the jobs is gone when they are executed, and another reports them. */
async function runInstances(): Promise<void> {
  const first = await start(env, 'adapter')
  const variables = { traceparent: `00-${GIVEN}-00f067aa0ba902b7-01` }
  const instances = await Promise.all([
    processes.createInstance({ bpmnProcessId: ids.plain, variables: '{}' }),
    processes.createInstance({ bpmnProcessId: ids.throttled, variables: '{}' }),
    processes.createInstance({ bpmnProcessId: ids.given, variables: JSON.stringify(variables) }),
  ])
  for (const id of Object.values(ids)) await first.logged('job accepted', (line) => line['processId'] === id)
  await first.stop()
  const [bedrock, second] = await Promise.all([start(env, 'bedrock'), start(env, 'adapter')])
  await Promise.all(
    instances.map(async ({ processInstanceKey }) => {
      const records = await recordsUntil(processInstanceKey, hasEnded)
      expect(records.filter(({ valueType }) => valueType === 'INCIDENT')).toEqual([])
    }),
  )
  // What they have not sent yet they send now.
  await Promise.all([bedrock.stop(), second.stop()])
}

/** All spans of the jobs of one process. */
function spansOf(processId: string): ReceivedSpan[] {
  return receiver.spans.filter(({ attributes }) => attributes['camunda.process.id'] === processId)
}

function named(spans: readonly ReceivedSpan[], operation: string): ReceivedSpan[] {
  return spans
    .filter(({ name }) => name.split(' ')[0] === operation)
    .sort((one, other) => one.beganAt - other.beganAt)
}

function only(spans: readonly ReceivedSpan[], operation: string): ReceivedSpan {
  const [first, ...more] = named(spans, operation)
  if (first === undefined || more.length > 0)
    throw new Error(`${more.length} more than one span ${operation}, of ${spans.map(({ name }) => name)}`)
  return first
}

describe('a job that is traced', () => {
  it.each(Object.keys(ids) as (keyof typeof ids)[])('has one trace from activation to report: %s', (what) => {
    const spans = spansOf(ids[what])
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
    const [activate, enqueue, report] = ['activate', 'enqueue', 'report'].map((name) => only(spans, name))
    const executions = named(spans, 'execute')
    expect(enqueue?.parentSpanId).toBe(activate?.spanId)
    for (const { parentSpanId } of executions) expect(parentSpanId).toBe(enqueue?.spanId)
    const within = executions.map(({ spanId }) => spanId)
    for (const { parentSpanId } of [...named(spans, 'chat'), ...named(spans, 'wait')])
      expect(within).toContain(parentSpanId)
    expect(report?.parentSpanId).toBe(executions.at(-1)?.spanId)
    expect(report?.attributes).toMatchObject({
      'quarry.outcome': 'completed',
      'quarry.report.result': 'accepted',
    })
    const processesOf = [activate, executions.at(-1), report].map((span) => span?.resource)
    expect(processesOf).toMatchObject([
      { 'service.name': 'quarry', 'quarry.roles': 'adapter', 'deployment.environment.name': 'test' },
      { 'service.name': 'quarry', 'quarry.roles': 'bedrock' },
      { 'service.name': 'quarry', 'quarry.roles': 'adapter' },
    ])
    expect(new Set(processesOf.map((resource) => resource?.['service.instance.id'])).size).toBe(3)
  })

  it('has its call as a client span by the conventions for generative AI', () => {
    const spans = spansOf(ids.plain)
    const call = only(spans, 'chat')
    const execution = only(spans, 'execute')
    expect(call.parentSpanId).toBe(execution.spanId)
    expect(call.kind).toBe(3)
    expect(call.attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'aws.bedrock',
      'gen_ai.request.model': call.name.slice('chat '.length),
      'gen_ai.usage.input_tokens': expect.any(Number),
      'gen_ai.usage.output_tokens': expect.any(Number),
      'server.address': new URL(inject('simTlsUrl')).hostname,
      'server.port': Number(new URL(inject('simTlsUrl')).port),
      'cloud.region': 'eu-west-1',
    })
    expect(call.beganAt).toBeGreaterThanOrEqual(execution.beganAt)
    expect(call.endedAt).toBeLessThanOrEqual(execution.endedAt + 1)
    expect(execution.attributes).toMatchObject({
      'camunda.element.id': 'ask',
      'camunda.process_instance.key': expect.stringMatching(/^\d+$/),
      'quarry.lane': expect.stringContaining('eu-west-1'),
      'quarry.attempt': 1,
      'quarry.epoch': expect.any(Number),
      'quarry.outcome': 'completed',
    })
  })

  it('that is throttled has all its calls in one trace, and each execution links to the previous one', () => {
    const spans = spansOf(ids.throttled)
    const executions = named(spans, 'execute').filter(({ spanId }) =>
      named(spans, 'chat').some(({ parentSpanId }) => parentSpanId === spanId),
    )
    const calls = named(spans, 'chat')
    expect(calls.map(({ attributes }) => attributes['error.type'])).toEqual([
      'ThrottlingException',
      'ThrottlingException',
      undefined,
    ])
    expect(calls.map(({ status }) => status)).toEqual([2, 2, 0])
    expect(calls.map(({ parentSpanId }) => parentSpanId)).toEqual(executions.map(({ spanId }) => spanId))
    expect(executions.map(({ attributes }) => attributes['quarry.deferral.reason'])).toEqual([
      'throttle',
      'throttle',
      undefined,
    ])
    expect(executions.map(({ attributes }) => attributes['quarry.attempt'])).toEqual([1, 2, 3])
    const all = named(spans, 'execute')
    expect(all.map(({ links }) => links.map(({ spanId }) => spanId))).toEqual(
      all.map((_, index) =>
        all
          .slice(0, index)
          .flatMap(({ spanId }) => [spanId])
          .slice(-1),
      ),
    )
  })

  it('continues the trace that its process was started with', () => {
    const activate = only(spansOf(ids.given), 'activate')
    expect([activate.traceId, activate.parentSpanId]).toEqual([GIVEN, '00f067aa0ba902b7'])
  })

  it('has trace id, span id, process and lane in each log line', () => {
    const lines = started.flatMap(({ log }) => log).filter((line) => 'jobKey' in line)
    expect(lines.length).toBeGreaterThan(12)
    for (const id of Object.values(ids)) {
      const spans = spansOf(id)
      const ofJob = lines.filter(({ jobKey }) => jobKey === spans[0]?.attributes['camunda.job.key'])
      expect(ofJob.map(({ msg }) => msg)).toEqual(
        expect.arrayContaining(['job accepted', 'call ended', 'job answered', 'outcome reported']),
      )
      for (const line of ofJob) {
        expect(line).toMatchObject({
          processId: id,
          lane: expect.any(String),
          traceId: spans[0]?.traceId,
          spanId: expect.toBeOneOf(spans.map(({ spanId }) => spanId)),
        })
      }
    }
  })
})

it('no span and no line of a log at level trace has the prompt, the answer or a credential', () => {
  const said = receiver.text() + started.map((one) => one.output()).join()
  expect(said).toContain('gen_ai.request.model')
  expect(said).toContain('call ended')
  for (const secret of [PROMPT, 'Echo: ', SECRET_KEY, ACCESS_KEY, 'secret-of-the-process', API_KEY])
    expect(said.includes(secret), `a span or a line has ${secret}`).toBe(false)
  expect(receiver.requests.map(({ key }) => key)).toContain(API_KEY)
})

describe('tracing', () => {
  it('that is off sends nothing and loads no OpenTelemetry package, whatever OpenTelemetry’s variables are', async () => {
    const off = environment({
      LOG_LEVEL: 'trace',
      NODE_OPTIONS: env['NODE_OPTIONS'] ?? '',
      OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/off`,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    })
    const quarry = await start(off, 'adapter', 'bedrock')
    const bpmnProcessId = await deploy(off, `echo@${randomUUID()}`)
    await processes.createInstanceWithResult({ bpmnProcessId, variables: '{}', requestTimeoutMs: 60_000 })
    await quarry.logged('outcome reported')
    await quarry.stop()
    expect(quarry.output()).not.toContain('LOADED')
    expect(quarry.log.filter((line) => 'traceId' in line)).toEqual([])
    expect(receiver.requests.filter(({ path }) => path.startsWith('/off'))).toEqual([])
    // Where it is on, this is how it is seen.
    expect(started[0]?.output()).toMatch(/LOADED .*@opentelemetry\/sdk-trace/)
    expect(new Set(receiver.requests.map(({ path }) => path))).toEqual(new Set(['/v1/traces']))
  })

  it('sends protobuf by default', async () => {
    const quarry = await startQuarry({
      QUARRY_TRACING: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/protobuf/`,
    })
    await quarry.run(await deploy(quarry.env, `echo@${randomUUID()}`))
    await quarry.stop()
    expect(receiver.requests.filter(({ path }) => path.startsWith('/protobuf'))).toEqual([
      { path: '/protobuf/v1/traces', type: 'application/x-protobuf', key: '' },
    ])
  })

  it('loses spans but no job if the collector is unreachable', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '500')
    const quarry = await startQuarry({
      QUARRY_TRACING: 'otlp',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    })
    vi.unstubAllEnvs()
    const lost = once(quarry.process.events, 'spansLost')
    await quarry.run(await deploy(quarry.env, `echo@${randomUUID()}`))
    expect(await lost).toEqual([{ to: '127.0.0.1:1', message: 'connect ECONNREFUSED 127.0.0.1:1' }])
    await quarry.stop()
  })
})
