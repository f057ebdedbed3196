import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeOwnLeases } from '../../src/activate/own-lease.ts'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import type { JobPort } from '../../src/camunda/job-port.ts'
import type { ActivatedJob } from '../../src/job/activated-job.ts'
import { makeEvents, type QuarryEvents } from '../../src/telemetry/events.ts'
import { activateJobs } from '../camunda/activate-jobs.ts'
import { type FakeGateway, startFakeGateway } from '../camunda/fake-gateway.ts'

const LEASE_MS = 300_000

describe('a job whose task asks for a lease of its own', () => {
  let gateway: FakeGateway
  let port: JobPort
  let refused: QuarryEvents['leaseRefused'][0][]
  let lease: (jobs: readonly ActivatedJob[]) => Promise<readonly ActivatedJob[]>

  beforeEach(async () => {
    gateway = await startFakeGateway()
    port = makeGrpcJobPort({ address: gateway.address, callTimeoutMs: 500 })
    const events = makeEvents()
    refused = []
    events.on('leaseRefused', (event) => refused.push(event))
    const step = makeOwnLeases({
      ...{ port, events },
      asked: (headers) => {
        const { wants } = JSON.parse(headers) as { wants?: string }
        return wants === undefined ? null : { leaseMs: Number(wants), retryBackoffMs: 0 }
      },
    })
    lease = (jobs) => step(jobs, LEASE_MS)
  })
  afterEach(async () => {
    await port?.close()
    await gateway?.stop()
  })

  async function activate(wants?: string): Promise<ActivatedJob> {
    gateway.addJob({ type: 'a', customHeaders: wants === undefined ? {} : { wants } })
    const request = { type: 'a', worker: 'w', timeoutMs: LEASE_MS, fetchVariables: [], tenantIds: [] }
    const [job] = await activateJobs(port, { ...request, maxJobs: 1, requestTimeoutMs: 1_000 })
    if (job === undefined) throw new Error('no job came')
    return job
  }

  const calls = (method: string) => gateway.calls.filter((call) => call.method === method)

  test('gets it, and other jobs keep theirs', async () => {
    const [asking, silent] = [await activate('900000'), await activate()]
    const [asked, other] = await lease([asking, silent])
    const activatedMs = asking.deadlineMs - LEASE_MS
    expect(asked).toEqual({
      ...{ ...asking, deadlineMs: asking.deadlineMs + 600_000, leaseMs: 900_000 },
      activatedMs,
    })
    expect(other).toEqual({ ...silent, leaseMs: LEASE_MS, activatedMs: silent.deadlineMs - LEASE_MS })
    expect(calls('UpdateJobTimeout').map(({ request }) => request)).toMatchObject([
      { jobKey: asking.key, timeout: '900000' },
    ])
    expect(Math.abs(gateway.job(asking.key).deadlineMs - (asked?.deadlineMs ?? 0))).toBeLessThan(1_000)
  })

  test.each(['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'DEADLINE_EXCEEDED', 'ABORTED'] as const)(
    'keeps its current lease when Zeebe answers %s',
    async (status) => {
      const job = await activate('900000')
      gateway.answerNext(1, { status, method: 'UpdateJobTimeout' })
      expect(await lease([job])).toMatchObject([{ ...job, leaseMs: LEASE_MS }])
      expect(refused).toMatchObject([{ jobKey: job.key, status, kept: true }])
    },
  )

  test('is dropped if Zeebe no longer has it or gave it to another worker', async () => {
    const [gone, failed] = [await activate('900000'), await activate('900000')]
    gateway.cancelJob(gone.key)
    await port.fail({
      ...{ jobKey: failed.key, retries: 0, retryBackoffMs: 0 },
      ...{ errorMessage: 'x', variables: '{}' },
    })
    expect(await lease([gone, failed])).toEqual([])
    expect(refused.map(({ kept }) => kept)).toEqual([false, false])
    expect(calls('FailJob')).toHaveLength(1)
  })

  test('is failed with one retry less when Zeebe refuses the lease', async () => {
    const job = await activate('900000')
    gateway.answerNext(1, { status: 'INVALID_ARGUMENT', method: 'UpdateJobTimeout' })
    expect(await lease([job])).toEqual([])
    expect(gateway.job(job.key)).toMatchObject({ retries: 2 })
    expect(gateway.job(job.key).errorMessage).toContain('UpdateJobTimeout of job')
  })
})
