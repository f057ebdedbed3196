// The real reporter against a gateway that answers by partition, over gRPC; the outbox is in memory.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import type { JobPort } from '../../src/camunda/job-port.ts'
import type { JobKey } from '../../src/job/ids.ts'
import type { Outcome } from '../../src/job/outcome.ts'
import { makePayloadCodec } from '../../src/payload/payload-codec.ts'
import { makeReporter, type Reporter } from '../../src/report/reporter.ts'
import { makeEvents, type QuarryEvents } from '../../src/telemetry/events.ts'
import { NO_TRACING } from '../../src/telemetry/tracing.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'
import { makeOutboxInMemory, NONE_UNREAD, type OutboxInMemory } from './outbox-in-memory.ts'

const BUSY = 1
const HEALTHY = 2

let gateway: FakeGateway
let port: JobPort
let outbox: OutboxInMemory
let reporters: Reporter[]
let told: QuarryEvents['reported'][0][]
let delayed: QuarryEvents['reportDelayed'][0][]
let partitions: string[]

beforeEach(async () => {
  gateway = await startFakeGateway({ record: false })
  port = makeGrpcJobPort({ address: gateway.address, callTimeoutMs: 3_000 })
  outbox = makeOutboxInMemory()
  ;[reporters, told, delayed, partitions] = [[], [], [], []]
})
afterEach(async () => {
  if (gateway !== undefined) gateway.refuse = () => null
  for (const reporter of reporters ?? []) await reporter.stop(1_000)
  await port?.close()
  await gateway?.stop()
})

interface Secrets {
  readonly of: (text: string) => readonly string[]
  readonly read: (text: string) => Promise<Outcome>
}
const NO_SECRETS: Secrets = { of: () => [], read: async (text) => JSON.parse(text) as Outcome }

function start(name = 'one', secrets = NO_SECRETS): Reporter {
  const events = makeEvents()
  events.on('reported', (event) => told.push(event))
  events.on('reportDelayed', (event) => delayed.push(event))
  events.on('partitionAway', ({ partition, of, status }) => partitions.push(`${partition} ${of} ${status}`))
  events.on('partitionBack', ({ partition }) => partitions.push(`${partition} back`))
  const reporter = makeReporter({
    ...{ port, events, store: outbox.store, outbox: outbox.as(name), tracing: NO_TRACING },
    ...{ codec: makePayloadCodec([]), random: Math.random, leaseMs: 60_000 },
    ...{ readOutcome: secrets.read, secretsOf: secrets.of, unread: NONE_UNREAD },
  })
  reporter.start()
  reporters.push(reporter)
  return reporter
}

function addJobs(partition: number, count: number): JobKey[] {
  return Array.from({ length: count }, () => gateway.addJob({ type: 'a', partition }))
}

const PATIENCE_MS = 40_000

async function until(what: string, isSo: () => boolean, patienceMs = PATIENCE_MS): Promise<void> {
  const end = performance.now() + patienceMs
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`Not seen within ${patienceMs} ms: ${what}`)
    await sleep(5)
  }
}

const completed = (keys: readonly JobKey[]): number =>
  keys.filter((key) => gateway.job(key).state === 'completed').length

describe('outcomes of one partition do not wait for those of another', () => {
  it.each(['RESOURCE_EXHAUSTED', 'UNAVAILABLE', 'hang'] as const)('that answers %s', async (status) => {
    gateway.refuse = ({ partition }) => {
      if (partition !== BUSY) return null
      return status === 'hang' ? status : { status }
    }
    const [stuck, healthy] = [addJobs(BUSY, 200), addJobs(HEALTHY, 50)]
    outbox.put([...stuck, ...healthy])
    start()
    // Sooner than Zeebe would count as unreachable.
    await until('the healthy are told', () => completed(healthy) === 50, 14_000)
    expect(completed(stuck)).toBe(0)
    gateway.refuse = () => null
    await until('the others follow', () => completed(stuck) === 200)
    await until('all are closed', () => outbox.open() === 0)
    expect(told).toHaveLength(250)
  })

  it('and the log has one line when a partition closes, and one when it is back', async () => {
    gateway.refuse = ({ partition }) => (partition === BUSY ? { status: 'UNAVAILABLE' } : null)
    const stuck = addJobs(BUSY, 20)
    outbox.put(stuck)
    start()
    await until('it is told', () => partitions.length > 0)
    const tries = delayed.length
    await until('it is tried further', () => delayed.length > tries)
    gateway.refuse = () => null
    await until('all are told', () => outbox.open() === 0)
    expect(partitions).toEqual(['1 reports UNAVAILABLE', '1 back'])
  })

  it('and a partition that comes back does not get all its outcomes at once', async () => {
    let [underWay, most, refusing] = [0, 0, true]
    gateway.refuse = () => (refusing ? { status: 'RESOURCE_EXHAUSTED' } : null)
    const complete = port.complete
    port = {
      ...port,
      async complete(command) {
        underWay += 1
        if (!refusing && told.length < 3) most = Math.max(most, underWay)
        await complete(command).finally(() => {
          underWay -= 1
        })
      },
    }
    outbox.put(addJobs(BUSY, 200))
    start()
    await until('it has been refused', () => delayed.length >= 10)
    await until('nothing is under way', () => underWay === 0)
    refusing = false
    await until('all are told', () => outbox.open() === 0)
    expect(most).toBeLessThanOrEqual(8)
  })
})

describe('an outcome that is refused for a reason of its own', () => {
  it.each(['INTERNAL', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED'] as const)(
    'with %s blocks no other outcome of its partition, in any number',
    async (status) => {
      const [odd, others] = [addJobs(HEALTHY, 150), addJobs(HEALTHY, 300)]
      const refused = new Set(odd)
      gateway.refuse = ({ key }) => (refused.has(key) ? { status } : null)
      outbox.put(odd)
      start()
      await until('they are refused', () => delayed.length >= 20)
      outbox.put(others)
      await until('the others are told', () => completed(others) === 300)
      refused.clear()
      if (status !== 'INTERNAL') await until('these follow', () => completed(odd) === 150)
    },
  )

  it('becomes a failure with that reason only after many rounds', async () => {
    const [key] = addJobs(HEALTHY, 1) as [JobKey]
    gateway.refuse = ({ method }) => (method === 'CompleteJob' ? { status: 'INTERNAL' } : null)
    outbox.put([key])
    start()
    await until('it pauses', () => delayed.length === 6)
    expect(gateway.job(key).state).toBe('activatable')
    expect(outbox.open()).toBe(1)
  })

  it('because a secret cannot be fetched lets the others pass, and is reported later', async () => {
    let away = true
    const secrets: Secrets = {
      of: (text) => (text.includes('sealed') ? ['A'] : []),
      async read(text) {
        if (!text.includes('sealed') || !away) return JSON.parse(text) as Outcome
        if (delayed.length > 3) await sleep(2_000)
        throw new Error('Console is away')
      },
    }
    const [sealed, others] = [addJobs(HEALTHY, 200), addJobs(HEALTHY, 100)]
    outbox.put(sealed, { kind: 'completed', variables: '{"sealed":1}' })
    outbox.put(others)
    start('one', secrets)
    await until('the others are told', () => completed(others) === 100)
    expect(completed(sealed)).toBe(0)
    expect(new Set(delayed.map(({ status }) => status))).toEqual(new Set(['SECRETS']))
    away = false
    await until('these follow', () => completed(sealed) === 200)
  })
})

describe('a reporter that stops', () => {
  it('ends at once when everything is reported, without polling', async () => {
    const reporter = start()
    outbox.put(addJobs(HEALTHY, 20))
    await until('all are told', () => outbox.open() === 0)
    await reporter.stop(10_000)
    expect(outbox.asked.get('backlog')).toBe(1)
  })

  it('reports what it can, and hands outcomes that a partition refuses to others at once', async () => {
    gateway.refuse = ({ partition }) => (partition === BUSY ? { status: 'UNAVAILABLE' } : null)
    const [stuck, healthy] = [addJobs(BUSY, 100), addJobs(HEALTHY, 300)]
    outbox.put([...stuck, ...healthy])
    const reporter = start()
    await until('it has begun', () => told.length > 0)
    const beganAt = performance.now()
    await reporter.stop(60_000)
    // Otherwise it would have gone on for five seconds for outcomes that nobody takes.
    expect(performance.now() - beganAt).toBeLessThan(4_500)
    expect(completed(healthy)).toBe(300)
    expect(outbox.asked.get('backlog')).toBe(1)
    gateway.refuse = () => null
    start('two')
    await until('another tells them', () => completed(stuck) === 100)
  })
})
