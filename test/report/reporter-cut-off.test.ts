// A reporter that cannot reach Zeebe, over gRPC; the outbox is in memory. The tests wait until Zeebe counts as unreachable, so they run at once.
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, type TestContext } from 'vitest'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import type { JobPort } from '../../src/camunda/job-port.ts'
import type { JobKey } from '../../src/job/ids.ts'
import type { Outcome } from '../../src/job/outcome.ts'
import { makePayloadCodec } from '../../src/payload/payload-codec.ts'
import { makeReporter } from '../../src/report/reporter.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { NO_TRACING } from '../../src/telemetry/tracing.ts'
import { startFakeGateway } from '../camunda/fake-gateway.ts'
import { makeOutboxInMemory, NONE_UNREAD } from './outbox-in-memory.ts'

async function setUp({ onTestFinished }: TestContext) {
  const gateway = await startFakeGateway({ record: false })
  onTestFinished(gateway.stop)
  const port = makeGrpcJobPort({ address: gateway.address, callTimeoutMs: 3_000 })
  onTestFinished(port.close)
  const outbox = makeOutboxInMemory()
  return {
    ...{ gateway, port, outbox },
    addJobs: (count: number): JobKey[] =>
      Array.from({ length: count }, () => gateway.addJob({ type: 'a', partition: 2 })),
    completed: (keys: readonly JobKey[]): number =>
      keys.filter((key) => gateway.job(key).state === 'completed').length,
    start(name: string, itsPort: JobPort): void {
      const reporter = makeReporter({
        ...{ port: itsPort, events: makeEvents(), store: outbox.store, outbox: outbox.as(name) },
        ...{ codec: makePayloadCodec([]), random: Math.random, leaseMs: 60_000, tracing: NO_TRACING },
        ...{
          readOutcome: async (text) => JSON.parse(text) as Outcome,
          secretsOf: () => [],
          unread: NONE_UNREAD,
        },
      })
      reporter.start()
      onTestFinished(() => reporter.stop(1_000))
    },
  }
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = performance.now() + 50_000
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`Not seen: ${what}`)
    await sleep(5)
  }
}

describe.concurrent('a reporter without an answer', () => {
  it('from the gateway leaves its outcomes to others after a while, and resumes when the gateway is back', async (test) => {
    const { gateway, port, outbox, start, addJobs, completed } = await setUp(test)
    gateway.refuse = () => ({ status: 'UNAVAILABLE' })
    let reached = false
    const topology = () => (reached ? port.topology() : Promise.reject(new Error('away')))
    const keys = addJobs(100)
    outbox.put(keys)
    start('cut off', { ...port, topology })
    await until('it has them', () => outbox.held('cut off') === 100)
    await until('it hands all back', () => outbox.held('cut off') === 0)
    gateway.refuse = () => null
    start('other', port)
    await until('the other tells them', () => completed(keys) === 100)
    reached = true
    const reads = outbox.asked.get('read') ?? 0
    const more = addJobs(300)
    outbox.put(more)
    await until('all are told', () => completed(more) === 300)
    expect(outbox.asked.get('read')).toBeGreaterThan(reads)
  })

  it('from any partition keeps a few outcomes as probes, and resumes when they succeed', async (test) => {
    const { gateway, port, outbox, start, addJobs, completed } = await setUp(test)
    gateway.refuse = () => ({ status: 'UNAVAILABLE' })
    const keys = addJobs(200)
    outbox.put(keys)
    start('one', port)
    await until('it has them all', () => outbox.held('one') === 200)
    await until('it hands the others back', () => outbox.held('one') <= 20)
    gateway.refuse = () => null
    await until('all are told', () => completed(keys) === 200)
  })
})
