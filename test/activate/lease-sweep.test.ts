// The real sweep against a gateway that answers by partition, over gRPC; the sorted set of leases is in memory.
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeLeaseSweep } from '../../src/activate/lease-sweep.ts'
import { makeDestinationHealth } from '../../src/camunda/destination-health.ts'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import type { JobPort } from '../../src/camunda/job-port.ts'
import type { JobKey } from '../../src/job/ids.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { tellOfPartitions } from '../../src/telemetry/partitions-away.ts'
import { activateJobs } from '../camunda/activate-jobs.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'

const BUSY = 1
const HEALTHY = 2
const LEASE_MS = 12_000
const CALL_TIMEOUT_MS = 8_000

let gateway: FakeGateway
let port: JobPort
let due: Map<JobKey, number>
let extended: JobKey[]
let postponed: Set<JobKey>
let partitions: string[]
let sweep: ReturnType<typeof makeLeaseSweep>

beforeEach(async () => {
  gateway = await startFakeGateway({ record: false })
  port = makeGrpcJobPort({ address: gateway.address, callTimeoutMs: CALL_TIMEOUT_MS })
  due = new Map()
  ;[extended, partitions, postponed] = [[], [], new Set()]
  const events = makeEvents()
  events.on('leaseExtended', ({ jobKey }) => extended.push(jobKey))
  events.on('partitionAway', ({ partition, of }) => partitions.push(`${partition} ${of} away`))
  events.on('partitionBack', ({ partition, of }) => partitions.push(`${partition} ${of} back`))
  const now = performance.now.bind(performance)
  sweep = makeLeaseSweep({
    ...{ port, events, leaseMs: LEASE_MS, random: Math.random },
    health: makeDestinationHealth({ now, random: Math.random, ...tellOfPartitions(events, 'leases') }),
    leases: {
      any: async () => true,
      async claim(most, againMs) {
        const found = [...due].filter(([, at]) => at <= now()).slice(0, most * 16)
        for (const [key] of found) due.set(key, now() + againMs)
        return found.map(([key]) => key)
      },
      async postpone(keys, inMs) {
        for (const key of keys) {
          postponed.add(key)
          due.set(key, now() + inMs)
        }
      },
    },
    present: async () => true,
    withdraw: async (key) => void due.delete(key),
    held: async () => due.size,
  })
})
afterEach(async () => {
  if (gateway !== undefined) gateway.refuse = () => null
  await port?.close()
  await sweep?.stop()
  await gateway?.stop()
})

/** Leased jobs whose leases are due. */
async function lease(partition: number, count: number): Promise<JobKey[]> {
  const keys = Array.from({ length: count }, () => gateway.addJob({ type: 'a', partition }))
  const request = { type: 'a', worker: 'w', timeoutMs: 600_000, fetchVariables: [], tenantIds: [] }
  await activateJobs(port, { ...request, maxJobs: count, requestTimeoutMs: 1_000 })
  for (const key of keys) due.set(key, 0)
  return keys
}

async function until(what: string, isSo: () => boolean, patienceMs = 40_000): Promise<void> {
  const end = performance.now() + patienceMs
  while (!isSo()) {
    if (performance.now() > end) throw new Error(`Not seen within ${patienceMs} ms: ${what}`)
    await sleep(5)
  }
}

describe('the leases of one partition do not wait for those of another', () => {
  it.each(['RESOURCE_EXHAUSTED', 'UNAVAILABLE', 'hang'] as const)('that answers %s', async (status) => {
    gateway.refuse = ({ partition }) => {
      if (partition !== BUSY) return null
      return status === 'hang' ? status : { status }
    }
    const healthy = await lease(HEALTHY, 100)
    const stuck = await lease(BUSY, 200)
    sweep.start()
    // Sooner than a call without an answer is given up.
    await until('the healthy are extended', () => new Set(extended).size === 100, CALL_TIMEOUT_MS - 1_000)
    expect(healthy.every((key) => extended.includes(key))).toBe(true)
    gateway.refuse = () => null
    await until('the others follow', () => stuck.every((key) => extended.includes(key)))
  })

  it('and one refusal postpones all leases of that partition', async () => {
    let tries = 0
    gateway.refuse = ({ partition }) => {
      if (partition === BUSY) tries += 1
      return partition === BUSY ? { status: 'UNAVAILABLE' } : null
    }
    await lease(BUSY, 200)
    sweep.start()
    await until('it is told', () => partitions.length > 0)
    expect(tries).toBeLessThan(100)
    // All but the probe of the partition.
    expect(postponed.size).toBeGreaterThanOrEqual(199)
    gateway.refuse = () => null
    await until('all are extended', () => new Set(extended).size === 200)
    expect(partitions).toEqual(['1 leases away', '1 leases back'])
  })
})
