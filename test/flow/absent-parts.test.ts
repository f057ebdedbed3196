// Redis and Zeebe that are not there: at start, and for a while in mid-run. A proxy stands in for the network between
// the process under test and the real parts, so that nothing else notices.
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, inject, it } from 'vitest'
import { onFreePort, orPortTaken } from '../../embedded/free-port.ts'
import { makeGrpcProcessPort } from '../../src/camunda/grpc-process-port.ts'
import { bedrockProcess } from './bedrock-process.ts'
import {
  callsOf,
  environment,
  jobTypeOf,
  type QuarryProcess,
  startQuarryProcess,
  until,
  WARNING,
} from './quarry-process.ts'
import { converseInputs } from './quarry-under-test.ts'

type PartName = 'redis' | 'zeebe'

/** The way to a part: nobody listens on it until it is opened, and again once it is cut. */
interface Way {
  readonly address: string
  open(): Promise<void>
  /** Ends every connection and refuses new ones. */
  cut(): Promise<void>
}

const PARTS: readonly PartName[] = ['redis', 'zeebe']
const SETTING = { redis: 'REDIS_URL', zeebe: 'ZEEBE_GRPC_ADDRESS' }
const processes = makeGrpcProcessPort({ address: inject('zeebeGrpcAddress') })
const toStop: (() => Promise<unknown>)[] = []

afterEach(async () => {
  // Last in, first out: a process wants its parts when it stops.
  while (toStop.length > 0) await toStop.pop()?.()
})
afterAll(() => processes.close())

async function wayTo(part: PartName): Promise<Way> {
  const { protocol, hostname, port } = new URL(inject(part === 'redis' ? 'redisUrl' : 'zeebeGrpcAddress'))
  const sockets = new Set<Socket>()
  let server: Server | null = null
  const keep = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)))
    return socket
  }
  const listen = async (listenPort: number): Promise<number> => {
    const opening = createServer((near) => {
      const far = keep(connect(Number(port), hostname))
      keep(near).pipe(far).pipe(near)
      near.on('close', () => far.destroy())
      far.on('close', () => near.destroy())
    }).listen(listenPort, '127.0.0.1')
    await once(opening, 'listening').catch(orPortTaken)
    server = opening
    return listenPort
  }
  const cut = async (): Promise<void> => {
    const closing = server
    server = null
    if (closing === null) return
    const closed = once(closing, 'close')
    closing.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  const ownPort = await onFreePort(listen)
  await cut()
  toStop.push(cut)
  return {
    address: `${protocol}//127.0.0.1:${ownPort}`,
    cut,
    async open() {
      await listen(ownPort)
    },
  }
}

async function start(env: Readonly<Record<string, string>>): Promise<QuarryProcess> {
  const quarry = await startQuarryProcess({ env })
  toStop.push(quarry.stop)
  return quarry
}

/** Deploys a Converse task whose message is the variable `message`; returns a start of instances. */
async function deploy(jobType: string, modelId: string) {
  const bpmnProcessId = `p-${randomUUID()}`
  const inputs = converseInputs(modelId, { 'data.newMessage': '=message' })
  const headers = { resultExpression: '={ answer: response[-1].contentList[1].text }' }
  const content = bedrockProcess({ id: bpmnProcessId, jobType, inputs, headers })
  await processes.deploy([{ name: `${bpmnProcessId}.bpmn`, content }])
  return async (message: string): Promise<unknown> => {
    const variables = JSON.stringify({ message })
    const request = { bpmnProcessId, variables, requestTimeoutMs: 60_000 }
    return JSON.parse((await processes.createInstanceWithResult(request)).variables)['answer']
  }
}

const messages = (beginning: string) => Array.from({ length: 5 }, (_, index) => `${beginning} ${index}`)
const echoOf = (message: string) => `Echo: ${message}`
const isAway = (part: PartName) => (line: object) => 'name' in line && line.name === part

describe.each(PARTS)('%s that is absent at start', (part) => {
  it('is named in the log and in readiness, and the process waits for it', async () => {
    const way = await wayTo(part)
    const env = environment({ [SETTING[part]]: way.address })
    const quarry = await start(env)
    const line = await quarry.logged('dependency is away, trying again', isAway(part))
    const where = way.address.replace(/^redis:../, '')
    expect(line).toMatchObject({ level: WARNING, message: expect.stringContaining(`${part} at ${where} `) })
    expect((await quarry.get('/health/live')).status).toBe(200)
    // A busy machine can take longer than one look to find the reason.
    await until('the reason is known', async () =>
      (await quarry.get('/health/ready')).text.includes('ECONNREFUSED'),
    )
    const { status, text } = await quarry.get('/health/ready')
    expect(status).toBe(503)
    expect(JSON.parse(text)).toMatchObject({ status: 'DOWN', checks: { [part]: { up: false } } })
    await way.open()
    await quarry.ready()
    const run = await deploy(jobTypeOf(env), `nova@${randomUUID()}`)
    expect(await run('Hello')).toBe('Echo: Hello')
    const toldOnce = quarry.log.filter(({ msg }) => msg === 'dependency is away, trying again')
    expect(toldOnce.filter(isAway(part))).toEqual([line])
  })
})

describe.each(PARTS)('%s that goes away in mid-run', (part) => {
  it('only costs time: every instance completes once it is back, and no job is called twice', async () => {
    const way = await wayTo(part)
    await way.open()
    const env = environment({ [SETTING[part]]: way.address })
    const quarry = await start(env)
    await quarry.ready()
    const modelId = `slow-1000@${randomUUID()}`
    const run = await deploy(jobTypeOf(env), modelId)
    const before = messages('before')
    const running = Promise.all(before.map(run))
    await until('all calls run', async () => (await callsOf(modelId)).length === before.length)
    await way.cut()
    const meanwhile = messages('meanwhile')
    const waiting = Promise.all(meanwhile.map(run))
    await quarry.logged('dependency is away, trying again', isAway(part))
    expect((await quarry.get('/health/ready')).status).toBe(503)
    expect((await quarry.get('/health/live')).status).toBe(200)
    await until('all calls are answered', async () =>
      (await callsOf(modelId)).every((call) => call.status === 200),
    )
    await way.open()
    expect(await running).toEqual(before.map(echoOf))
    expect(await waiting).toEqual(meanwhile.map(echoOf))
    const called = (await callsOf(modelId)).map(({ body = '' }) => body)
    expect(called).toHaveLength(before.length + meanwhile.length)
    expect(new Set(called).size).toBe(called.length)
    await quarry.ready()
    // However many jobs and connections there are: two of the start, one line for the outage, one for each kind of work it stops. A partition
    // that refuses reports is one of them, if it is noticed before the outage.
    expect(quarry.log.filter(({ level }) => level >= WARNING).length).toBeLessThanOrEqual(6)
  })

  it('does not keep an idle process from ending long before its grace period', async () => {
    const way = await wayTo(part)
    await way.open()
    const quarry = await start(environment({ [SETTING[part]]: way.address, QUARRY_SHUTDOWN_GRACE: 'PT10M' }))
    await quarry.ready()
    await way.cut()
    await quarry.logged('dependency is away, trying again', isAway(part))
    quarry.signal('SIGTERM')
    expect(await quarry.ended).toEqual({ code: 0, signal: null })
  })
})
