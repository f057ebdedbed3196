import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeActivator } from '../../src/activate/activator.ts'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import type { JobPort } from '../../src/camunda/job-port.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import type { Service } from '../../src/time/service.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'

const LEASE_MS = 300_000
const AWAY_MS = 40_000
/** Generous, for a machine that is busy with other things. */
const soon = <T>(look: () => T) => expect.poll(look, { timeout: 30_000 })

describe('activation', () => {
  let gateway: FakeGateway
  let port: JobPort
  let activator: Service
  let room: number
  /** What was handed on: each job with its lease. */
  let taken: { key: string; leaseMs: number }[]
  let came: { poll: number; stream: number }
  let streamsEnded: number
  /** Whether a job goes back to Zeebe. */
  let goesBack: (key: string) => boolean

  beforeEach(async () => {
    gateway = await startFakeGateway()
    port = makeGrpcJobPort({ address: gateway.address })
    room = 1_000
    taken = []
    came = { poll: 0, stream: 0 }
    streamsEnded = 0
    goesBack = () => false
    const events = makeEvents()
    events.on('activated', ({ by, count }) => {
      came[by] += count
    })
    const watched: JobPort = {
      ...port,
      async stream(...stream) {
        await port.stream(...stream)
        streamsEnded += 1
      },
    }
    activator = makeActivator({
      ...{ port: watched, events, maxBacklog: 1_000, random: () => 0.5 },
      request: { type: 'a', worker: 'w', timeoutMs: LEASE_MS, fetchVariables: [], tenantIds: [] },
      room: async (arriving) => Math.max(0, room - taken.length - arriving),
      awayMs: () => AWAY_MS,
      async handOn(jobs, leaseMs) {
        taken.push(...jobs.map(({ key }) => ({ key, leaseMs })))
        return jobs.filter(({ key }) => goesBack(key)).length
      },
      giveBack: async () => undefined,
    })
  })
  afterEach(async () => {
    await activator?.stop()
    await port?.close()
    await gateway?.stop()
  })

  const addJobs = (count: number) => Array.from({ length: count }, () => gateway.addJob({ type: 'a' }))
  const streams = () => gateway.calls.filter(({ method }) => method === 'StreamActivatedJobs')

  test('polls what waits, the oldest first, before a stream brings what is new', async () => {
    const waiting = addJobs(250)
    activator.start()
    await soon(() => streams()).toHaveLength(1)
    expect(taken.map(({ key }) => key)).toEqual(waiting)
    expect(came).toEqual({ poll: 250, stream: 0 })
    const polled = gateway.calls.filter(({ method }) => method === 'ActivateJobs')
    // Polls with an immediate answer: an empty one means that nothing waits.
    expect(polled.slice(0, 4).map(({ request }) => request['requestTimeout'])).toEqual([
      '-1',
      '-1',
      '-1',
      '-1',
    ])
    addJobs(1)
    await soon(() => came.stream).toBe(1)
  })

  test('asks for a short lease while it streams: a job sent to a closing stream is stuck until its lease ends', async () => {
    activator.start()
    await soon(() => streams()).toHaveLength(1)
    addJobs(1)
    await soon(() => taken.map(({ leaseMs }) => leaseMs)).toEqual([30_000])
  })

  test('closes the stream when room gets short, hands on the jobs received, and leaves the rest in Zeebe', async () => {
    activator.start()
    await soon(() => streams()).toHaveLength(1)
    room = 40
    const jobs = addJobs(30)
    await soon(() => streamsEnded).toBe(1)
    // The gateway notices a moment later; what it pushed until then would be stuck until its lease ends.
    await soon(() => gateway.streamCount()).toBe(0)
    jobs.push(...addJobs(30))
    await soon(() => taken).toHaveLength(40)
    expect(came).toEqual({ poll: 10, stream: 30 })
    room = 1_000
    await soon(() => taken.map(({ key }) => key)).toEqual(jobs)
  })

  test('asks for no more jobs than there is room for', async () => {
    room = 7
    addJobs(20)
    activator.start()
    await soon(() => taken).toHaveLength(7)
    room = 12
    await soon(() => taken).toHaveLength(12)
    expect(came.stream).toBe(0)
  })

  test('polls in larger batches while most jobs go back, with the time away as their lease, so that returning them costs no command', async () => {
    const waiting = addJobs(1_000)
    const back = new Set<string>(waiting.slice(0, 800))
    goesBack = (key) => back.has(key)
    room = 2_000
    activator.start()
    await soon(() => taken).toHaveLength(1_000)
    const polled = gateway.calls.filter(({ method }) => method === 'ActivateJobs')
    const asked = polled.map(({ request }) => [
      Number(request['maxJobsToActivate']),
      Number(request['timeout']),
    ])
    expect(asked.slice(0, 4)).toEqual([
      [100, LEASE_MS],
      [400, AWAY_MS],
      [400, AWAY_MS],
      // A quarter of the last jobs was taken.
      [100, AWAY_MS],
    ])
  })

  test('hands on every activated job before it stops', async () => {
    activator.start()
    await soon(() => streams()).toHaveLength(1)
    const jobs = addJobs(500)
    await soon(() => came.stream).toBeGreaterThan(0)
    await activator.stop()
    expect(taken.map(({ key }) => key)).toEqual(jobs)
  })
})
