// `quarry start` as users run it: addresses and keys in the environment, parts that Quarry did not start, signals.
import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { bedrockProcess } from './bedrock-process.ts'
import {
  callsOf,
  environment,
  jobTypeOf,
  PROCESS_ACCESS_KEY,
  type QuarryProcess,
  type QuarryProcessOptions,
  startQuarryProcess,
  until,
  WARNING,
} from './quarry-process.ts'
import { converseInputs } from './quarry-under-test.ts'

const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
const running: QuarryProcess[] = []

afterEach(() => Promise.all(running.splice(0).map((quarry) => quarry.stop())))
afterAll(() => processes.close())

async function start(options: QuarryProcessOptions): Promise<QuarryProcess> {
  const quarry = await startQuarryProcess(options)
  running.push(quarry)
  await quarry.ready()
  return quarry
}

/** Deploys a diagram of one Converse task and starts an instance; its variables are a promise in an object. */
async function startConversation(jobType: string, modelId: string) {
  const id = `p-${randomUUID()}`
  const inputs = converseInputs(modelId)
  const content = bedrockProcess({ id, jobType, inputs, headers: { resultVariable: 'answer' } })
  await processes.deploy([{ name: `${id}.bpmn`, content }])
  return { variables: run(id) }
}

async function run(bpmnProcessId: string): Promise<Record<string, unknown>> {
  const request = { bpmnProcessId, variables: '{}', requestTimeoutMs: 60_000 }
  return JSON.parse((await processes.createInstanceWithResult(request)).variables)
}

/** Two connector tasks: keys of the diagram in Ohio, then the worker's own credentials in Frankfurt. */
const twoTasks = (id: string, jobType: string, modelId: string) => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="test">
  <process id="${id}" isExecutable="true">
    <startEvent id="start" />
    <sequenceFlow id="to-ohio" sourceRef="start" targetRef="ohio" />
    <serviceTask id="ohio">
      <extensionElements>
        <zeebe:taskDefinition type="${jobType}" />
        <zeebe:ioMapping>
          <zeebe:input source="credentials" target="authentication.type" />
          <zeebe:input source="AKIAOFTHEDIAGRAM" target="authentication.accessKey" />
          <zeebe:input source="secret-of-the-diagram" target="authentication.secretKey" />
          <zeebe:input source="us-east-2" target="configuration.region" />
          <zeebe:input source="converse" target="action" />
          <zeebe:input source="${modelId}" target="data.modelId" />
          <zeebe:input source="Who?" target="data.newMessage" />
        </zeebe:ioMapping>
        <zeebe:taskHeaders>
          <zeebe:header key="resultExpression" value="={ who: response[-1].contentList[1].text }" />
        </zeebe:taskHeaders>
      </extensionElements>
    </serviceTask>
    <sequenceFlow id="to-frankfurt" sourceRef="ohio" targetRef="frankfurt" />
    <serviceTask id="frankfurt">
      <extensionElements>
        <zeebe:taskDefinition type="${jobType}" />
        <zeebe:ioMapping>
          <zeebe:input source="defaultCredentialsChain" target="authentication.type" />
          <zeebe:input source="eu-central-1" target="configuration.region" />
          <zeebe:input source="invokeModel" target="action" />
          <zeebe:input source="${modelId}" target="data.modelId" />
          <zeebe:input source="={ &quot;question&quot;: who }" target="data.payload" />
        </zeebe:ioMapping>
        <zeebe:taskHeaders>
          <zeebe:header key="resultExpression" value="={ asked: body.question }" />
        </zeebe:taskHeaders>
      </extensionElements>
    </serviceTask>
    <sequenceFlow id="to-end" sourceRef="frankfurt" targetRef="end" />
    <endEvent id="end" />
  </process>
</definitions>`

/** What is told of the parts and settings of these tests: a Redis that keeps nothing on disk, no payload key. */
const AS_STARTED = ['redis may lose jobs', 'payloads are readable in Redis']

describe('quarry start', () => {
  it.each([
    ['npx, an http endpoint', 'http/1.1', true],
    ['node, an endpoint with TLS', 'h2', false],
  ])('completes instances of a diagram deployed after its start: %s', async (_title, protocol, npx) => {
    const { AWS_CA_BUNDLE = '', ...env } = environment()
    const plain = inject('simUrl')
    const endpoint = npx
      ? { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: plain, AWS_ENDPOINT_URL_STS: plain }
      : { AWS_CA_BUNDLE }
    const quarry = await start({ env: { ...env, ...endpoint }, npx })
    const id = `p-${randomUUID()}`
    const modelId = `echo@${id}`
    const content = Buffer.from(twoTasks(id, jobTypeOf(env), modelId))
    await processes.deploy([{ name: `${id}.bpmn`, content }])
    expect(await run(id)).toMatchObject({ who: 'Echo: Who?', asked: 'Echo: Who?' })
    expect(await callsOf(modelId)).toMatchObject([
      { accessKey: 'AKIAOFTHEDIAGRAM', region: 'us-east-2', protocol, status: 200 },
      { accessKey: PROCESS_ACCESS_KEY, region: 'eu-central-1', protocol, status: 200 },
    ])
    const warned = quarry.log.filter(({ level, msg }) => level >= WARNING && !AS_STARTED.includes(msg))
    expect(warned).toEqual([])
    quarry.signal('SIGTERM')
    // How npx itself ends is up to npm; `ended` waits for the command too.
    await quarry.ended
    expect(quarry.log.at(-1)?.msg).toBe('quarry stopped')
  })

  it('prints nothing but its log, which includes Node’s warnings', async () => {
    const warn = 'setInterval(() => process.emitWarning("old thing", "DeprecationWarning"), 200).unref()'
    const quarry = await start({
      env: { ...environment(), NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(warn)}` },
    })
    await quarry.logged('warning of Node')
    const afterStart = quarry.output().replace(/^[\s\S]*?(?=\n.*"quarry started")/, '')
    expect(afterStart.split('\n').filter((line) => line !== '' && !line.startsWith('{'))).toEqual([])
    expect(quarry.log.find(({ msg }) => msg === 'warning of Node')?.['warning']).toContain('old thing')
  })

  // Elsewhere there is no such list of a process's children.
  it.runIf(process.platform === 'linux')('runs its roles in the process that was started', async () => {
    const quarry = await start({ env: environment() })
    const threads = await readdir(`/proc/${quarry.pid}/task`)
    const children = threads.map((id) => readFile(`/proc/${quarry.pid}/task/${id}/children`, 'utf8'))
    expect((await Promise.all(children)).join('')).toBe('')
  })
})

describe('SIGTERM', () => {
  it('lets running calls finish, reports their outcome and ends the process with 0', async () => {
    const env = environment()
    const quarry = await start({ env })
    const modelId = `slow-1500@${randomUUID()}`
    const { variables } = await startConversation(jobTypeOf(env), modelId)
    await until('the call runs', async () => (await callsOf(modelId)).length === 1)
    quarry.signal('SIGTERM')
    expect(await quarry.ended).toEqual({ code: 0, signal: null })
    expect(await variables).toHaveProperty('answer')
    expect(await callsOf(modelId)).toMatchObject([{ status: 200 }])
  })

  it('sent a second time ends the process at once', async () => {
    const env = environment({ QUARRY_SHUTDOWN_GRACE: 'PT1H' })
    const quarry = await start({ env })
    const modelId = `hang@${randomUUID()}`
    const { variables } = await startConversation(jobTypeOf(env), modelId)
    variables.catch(() => undefined) // Nobody answers it any more.
    await until('the call runs', async () => (await callsOf(modelId)).length === 1)
    quarry.signal('SIGTERM')
    await quarry.logged('quarry stopping')
    expect((await quarry.get('/health/ready')).status).toBe(503)
    // Within a second of the first it counts as its echo, so it is sent until it is not.
    const ended = quarry.ended.then(() => true)
    await until('it has ended', async () => {
      quarry.signal('SIGTERM')
      return Promise.race([ended, false])
    })
    expect(await quarry.ended).toEqual({ code: 143, signal: null })
  })
})
