// The memory that a reporter takes, by the heap of a process after garbage collection.
import { setTimeout as sleep } from 'node:timers/promises'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, it } from 'vitest'
import { GatewayError } from '../../src/camunda/gateway-error.ts'
import type { JobPort } from '../../src/camunda/job-port.ts'
import { type JobKey, partitionOf } from '../../src/job/ids.ts'
import type { Outcome } from '../../src/job/outcome.ts'
import { makePayloadCodec } from '../../src/payload/payload-codec.ts'
import { makeReporter, type Reporter } from '../../src/report/reporter.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { NO_TRACING } from '../../src/telemetry/tracing.ts'
import { keyOf, makeOutboxInMemory, NONE_UNREAD, type OutboxInMemory } from './outbox-in-memory.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

let reporter: Reporter
let outbox: OutboxInMemory
afterEach(() => reporter?.stop(1))

const MB = 1024 * 1024

async function heapMb(): Promise<number> {
  for (let times = 0; times < 3; times += 1) {
    collect()
    await sleep(20)
  }
  return getHeapStatistics().used_heap_size / MB
}

function start(complete: (key: JobKey) => Promise<void>): void {
  outbox = makeOutboxInMemory()
  const topology = { gatewayVersion: '8', clusterSize: 1, partitionsCount: 2 }
  const port: Pick<JobPort, 'complete' | 'topology'> = {
    complete: ({ jobKey }) => complete(jobKey),
    topology: async () => topology,
  }
  reporter = makeReporter({
    ...{ port: port as JobPort, events: makeEvents(), store: outbox.store, outbox: outbox.as('one') },
    ...{ tracing: NO_TRACING, codec: makePayloadCodec([]), random: Math.random, leaseMs: 60_000 },
    ...{ readOutcome: async (text) => JSON.parse(text) as Outcome, secretsOf: () => [], unread: NONE_UNREAD },
  })
  reporter.start()
}

async function reportMany(count: number, from: number, left: () => number): Promise<void> {
  // At most as many at a time as the outbox of a real installation holds.
  for (let done = 0; done < count; done += 1_000) {
    outbox.put(Array.from({ length: 1_000 }, (_, index) => keyOf(2, from + done + index)))
    while (left() > 0) await sleep(1)
  }
}

it('the reporter’s memory does not grow over 100,000 reports while ten never end', async () => {
  const never = new Promise<void>(() => undefined)
  // One after another, as a gateway answers.
  start((key) => (partitionOf(key) === 1 ? never : sleep(3 * Math.random())))
  outbox.put(Array.from({ length: 10 }, (_, index) => keyOf(1, index)))
  const left = () => outbox.open() - 10
  await reportMany(10_000, 0, left)
  const before = await heapMb()
  await reportMany(100_000, 10_000, left)
  const grown = (await heapMb()) - before
  expect(outbox.open()).toBe(10)
  expect(grown).toBeLessThan(4)
})

it('the reporter’s memory is limited while 100,000 outcomes are refused, and others are reported meanwhile', async () => {
  const busy = new GatewayError('busy', { disposition: 'later', status: 'RESOURCE_EXHAUSTED' })
  let reported = 0
  start(async (key) => {
    if (partitionOf(key) === 1) throw busy
    reported += 1
  })
  outbox.put(Array.from({ length: 100_000 }, (_, index) => keyOf(1, index)))
  outbox.put(Array.from({ length: 1_000 }, (_, index) => keyOf(2, index)))
  while (reported < 1_000) await sleep(5)
  const whileStuck = await heapMb()
  await reporter.stop(1_000)
  const kept = whileStuck - (await heapMb())
  expect(outbox.open()).toBe(100_000)
  expect(kept).toBeLessThan(10)
})
