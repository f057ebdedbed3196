// The contract of every implementation of the job port, whatever the gateway. Facts that a gateway cannot show are skipped for it: those of
// `faults` need one that can be made to fail.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type GatewayDisposition, GatewayError } from '../../src/camunda/gateway-error.ts'
import type { ActivationRequest, JobPort, PollRequest } from '../../src/camunda/job-port.ts'
import type { ActivatedJob } from '../../src/job/activated-job.ts'
import { jobKey } from '../../src/job/ids.ts'
import { activateJobs } from './activate-jobs.ts'
import type { Faults, JobPortUnderTest } from './job-port-under-test.ts'

const PATIENCE = { timeout: 15_000, interval: 30 }
const SIX_MEGABYTES = JSON.stringify({ answer: 'x'.repeat(6 * 1024 * 1024) })
/** Within the limit of a message; an engine writes variables twice into one batch of records of that size. */
const THREE_MEGABYTES = JSON.stringify({ answer: 'x'.repeat(3 * 1024 * 1024) })

/** Registers the suite; `setup` is called before each test. */
export function describeJobPort(name: string, setup: () => Promise<JobPortUnderTest>): void {
  describe(name, () => {
    let under: JobPortUnderTest
    let port: JobPort

    beforeEach(async () => {
      under = await setup()
      port = under.port
    })
    afterEach(async () => {
      await port?.close()
      await under?.stop()
    })

    const activation = (change: Partial<ActivationRequest> = {}): ActivationRequest => ({
      type: under.jobType,
      worker: 'contract',
      timeoutMs: 60_000,
      fetchVariables: [],
      tenantIds: ['<default>'],
      ...change,
    })
    const poll = (change: Partial<PollRequest> = {}, signal = new AbortController().signal) =>
      activateJobs(port, { ...activation(change), maxJobs: 1, requestTimeoutMs: 500, ...change }, signal)

    /** Polls until a job comes; an engine may answer an empty poll at once. */
    const activateOne = (change: Partial<PollRequest> = {}): Promise<ActivatedJob> =>
      vi.waitFor(async () => {
        const [job] = await poll(change)
        if (job === undefined) throw new Error('no job came')
        return job
      }, PATIENCE)

    const activateNew = async (): Promise<ActivatedJob> => {
      await under.createJob()
      return activateOne()
    }
    const complete = (job: ActivatedJob, variables = '{}') => port.complete({ jobKey: job.key, variables })
    const fail = (job: ActivatedJob, change: { retries?: number; retryBackoffMs?: number } = {}) =>
      port.fail({
        ...{ jobKey: job.key, retries: 2, retryBackoffMs: 0, errorMessage: 'no luck' },
        ...{ variables: '{"hint":"slow down"}', ...change },
      })

    describe('activation', () => {
      test('hands out a job with string keys, its lease and its headers', async () => {
        await under.createJob({ variables: { prompt: '"hello"' } })
        const before = Date.now()
        const job = await activateOne({ timeoutMs: 60_000 })
        for (const key of [
          'key',
          'processInstanceKey',
          'processDefinitionKey',
          'elementInstanceKey',
        ] as const) {
          expect(job[key]).toMatch(/^[1-9]\d{9,18}$/)
        }
        expect(job.type).toBe(under.jobType)
        expect(job.tenantId).toBe('<default>')
        expect(job.retries).toBe(3)
        expect(job.deadlineMs).toBeGreaterThan(before + 50_000)
        expect(job.deadlineMs).toBeLessThan(Date.now() + 70_000)
        expect(JSON.parse(job.customHeaders)).toBeTypeOf('object')
        expect(job.variables).toContain('"prompt":"hello"')
      })

      test('leaves integers beyond 2^53 as they are', async () => {
        await under.createJob({ variables: { big: '9007199254740993' } })
        expect((await activateOne()).variables).toContain('"big":9007199254740993')
      })

      test('leaves the text of variables unchanged', async ({ skip }) => {
        skip(!under.keepsNumberText, 'the engine rewrites numbers')
        await under.createJob({
          variables: { huge: '1e400', long: '0.10000000000000000000001', text: '"\\u00e9"' },
        })
        const { variables } = await activateOne()
        expect(variables).toBe('{"huge":1e400,"long":0.10000000000000000000001,"text":"\\u00e9"}')
      })

      test('fetches the named variables only', async () => {
        await under.createJob({ variables: { prompt: '"hello"', secret: '"never"' } })
        expect((await activateOne({ fetchVariables: ['prompt'] })).variables).toBe('{"prompt":"hello"}')
      })

      test('hands out no more than asked for, and the rest to the next poll', async () => {
        for (let count = 0; count < 25; count += 1) await under.createJob()
        const keys = new Set<string>()
        await vi.waitFor(async () => {
          const jobs = await poll({ maxJobs: 12 })
          expect(jobs.length).toBeLessThanOrEqual(12)
          for (const { key } of jobs) keys.add(key)
          expect(keys.size).toBe(25)
        }, PATIENCE)
      })

      test('answers an empty list when there is no job', async () => {
        expect(await poll({ requestTimeoutMs: 100 })).toEqual([])
      })

      test('hands out a job again when its lease has run out', async () => {
        await under.createJob()
        const first = await activateOne({ timeoutMs: 300 })
        expect((await activateOne()).key).toBe(first.key)
      })

      test('takes the jobs of the given tenants, and of no other', async ({ skip }) => {
        skip(!under.hasTenants, 'the engine has one tenant')
        await under.createJob({ tenantId: 'a' })
        await under.createJob({ tenantId: 'b' })
        await under.createJob({ tenantId: 'c' })
        const jobs = await poll({ tenantIds: ['a', 'b'], maxJobs: 10 })
        expect(jobs.map(({ tenantId }) => tenantId)).toEqual(['a', 'b'])
      })

      test('a type that is empty is rejected', async () => {
        await expectDisposition(poll({ type: '' }), 'rejected')
      })

      test('an aborted poll ends at once', async () => {
        const abort = new AbortController()
        const polling = poll({ requestTimeoutMs: 60_000 }, abort.signal)
        const aborted = performance.now()
        abort.abort()
        await expectDisposition(polling, 'aborted')
        expect(performance.now() - aborted).toBeLessThan(500)
        await expectDisposition(poll({}, abort.signal), 'aborted')
      })
    })

    describe('commands', () => {
      test('a completed job ends its task with the variables given', async () => {
        const end = under.createJobToEnd()
        await complete(await activateOne(), '{"answer":9007199254740993}')
        expect(await end).toContain('"answer":9007199254740993')
      })

      test('a job that is completed is gone for every command', async () => {
        const job = await activateNew()
        await complete(job)
        await expectDisposition(complete(job), 'gone')
        await expectDisposition(fail(job), 'gone')
        await expectDisposition(port.extend({ jobKey: job.key, timeoutMs: 1_000 }), 'gone')
      })

      test('an unknown key is gone', async () => {
        await expectDisposition(
          port.complete({ jobKey: jobKey('2251799999999999'), variables: '{}' }),
          'gone',
        )
      })

      test('a failed job comes back with the retries it was given', async () => {
        const job = await activateNew()
        await fail(job, { retries: 7 })
        const again = await activateOne()
        expect(again).toMatchObject({ key: job.key, retries: 7 })
      })

      test('the variables of a failed job are there when it comes back', async ({ skip }) => {
        skip(!under.keepsFailVariables, 'this gateway drops them')
        await fail(await activateNew())
        expect((await activateOne()).variables).toContain('"hint":"slow down"')
      })

      test('a job that backs off is not active, and comes back after its back-off', async () => {
        const job = await activateNew()
        const failed = performance.now()
        await fail(job, { retryBackoffMs: 400 })
        await expectDisposition(complete(job), 'notActive')
        expect((await activateOne()).key).toBe(job.key)
        expect(performance.now() - failed).toBeGreaterThan(390)
      })

      test('a job without retries stays failed', async () => {
        const job = await activateNew()
        await fail(job, { retries: 0 })
        expect(await poll({ requestTimeoutMs: 100 })).toEqual([])
        await expectDisposition(complete(job), 'notActive')
      })

      test('a thrown error ends the task, with the variables given', async () => {
        const end = under.createJobToEnd()
        const { key } = await activateOne()
        await port.throwError({
          ...{ jobKey: key, errorCode: 'refused', errorMessage: 'no' },
          variables: '{"reason":"policy"}',
        })
        expect(await end).toContain('"reason":"policy"')
      })

      test('an extended lease holds', async () => {
        await under.createJob()
        const job = await activateOne({ timeoutMs: 400 })
        await port.extend({ jobKey: job.key, timeoutMs: 60_000 })
        const until = job.deadlineMs + under.leaseCheckMs + 300
        while (Date.now() < until) expect(await poll({ requestTimeoutMs: 100 })).toEqual([])
        await complete(job)
      })

      test('the lease of a failed job is not extended', async () => {
        const job = await activateNew()
        await fail(job, { retries: 0 })
        await expectDisposition(port.extend({ jobKey: job.key, timeoutMs: 1_000 }), 'notActive')
      })

      test('variables over the size limit are too large, and the job is still there', async () => {
        const job = await activateNew()
        const error = await expectDisposition(complete(job, SIX_MEGABYTES), 'tooLarge')
        expect(error.message).toContain(job.key)
        await complete(job)
      })

      test('variables that the engine cannot keep beside its own records are too large too', async ({
        skip,
      }) => {
        skip(!under.limitsRecords, 'nothing is recorded behind this gateway')
        const job = await activateNew()
        const error = await expectDisposition(complete(job, THREE_MEGABYTES), 'tooLarge')
        expect(error.message).toContain('EXCEEDED_BATCH_RECORD_SIZE')
        await complete(job)
      })

      test('variables that are not an object are rejected without being shown', async () => {
        const { key } = await activateNew()
        const variables = '["a secret"]'
        const failure = { jobKey: key, retries: 2, retryBackoffMs: 0, errorMessage: 'no luck' }
        for (const call of [
          () => port.complete({ jobKey: key, variables }),
          () => port.fail({ ...failure, variables }),
          () => port.throwError({ jobKey: key, errorCode: 'refused', errorMessage: 'no', variables }),
        ]) {
          const error = await expectDisposition(call(), 'rejected')
          expect(error.message).not.toContain('a secret')
        }
      })

      test('the topology tells version and partitions', async () => {
        const topology = await port.topology()
        expect(topology.gatewayVersion).toMatch(/^\d+\.\d+/)
        expect(topology.partitionsCount).toBeGreaterThan(0)
        expect(topology.clusterSize).toBeGreaterThan(0)
      })
    })

    describe('streams', () => {
      test('a stream hands over a job that was created after it was opened', async () => {
        const abort = new AbortController()
        const jobs: ActivatedJob[] = []
        const streaming = port.stream(
          activation({ fetchVariables: ['id'] }),
          (job) => {
            jobs.push(job)
          },
          abort.signal,
        )
        // Nothing tells when a gateway has the stream: jobs are created until one comes through it.
        await vi.waitFor(
          async () => {
            await under.createJob({ variables: { id: '9007199254740993', other: '1' } })
            await vi.waitFor(() => expect(jobs).not.toEqual([]), { timeout: 200, interval: 10 })
          },
          { timeout: 20_000, interval: 1 },
        )
        abort.abort()
        await streaming
        const [job] = jobs
        expect(job?.variables).toBe('{"id":9007199254740993}')
        if (job) await complete(job)
      })

      test('an aborted stream ends at once without an error', async () => {
        const abort = new AbortController()
        const streaming = port.stream(activation(), () => undefined, abort.signal)
        await port.topology()
        const aborted = performance.now()
        abort.abort()
        await streaming
        expect(performance.now() - aborted).toBeLessThan(500)
        await port.stream(activation(), () => undefined, abort.signal)
      })
    })

    describe('close', () => {
      test('pending calls are rejected, and later ones too', async () => {
        const signal = new AbortController().signal
        const pending = [
          expectDisposition(poll({ requestTimeoutMs: 60_000 }), 'aborted'),
          expectDisposition(
            port.stream(activation(), () => undefined, signal),
            'aborted',
          ),
          expectDisposition(port.topology(), 'aborted'),
        ]
        await port.close()
        await Promise.all(pending)
        await expectDisposition(port.topology(), 'aborted')
        await expectDisposition(poll(), 'aborted')
        await port.close()
      })
    })

    describe('a gateway in trouble', () => {
      const faultsOr = (skip: (note: string) => never): Faults =>
        under.faults ?? skip('it cannot be made to fail')

      test('an unreachable gateway means later, at once', async ({ skip }) => {
        const faults = faultsOr(skip)
        const job = await activateNew()
        await faults.goAway()
        await expectDisposition(complete(job), 'later') // may find the connection still up
        const asked = performance.now()
        const error = await expectDisposition(complete(job), 'later')
        expect(performance.now() - asked).toBeLessThan(faults.callTimeoutMs / 2)
        expect(error).toMatchObject({ status: 'UNAVAILABLE' })
        expect(error.message).toContain(job.key)
        expect(error.message).toContain('127.0.0.1')
        await expectDisposition(poll(), 'later')
      })

      test('a gateway that goes away ends open polls and streams', async ({ skip }) => {
        const faults = faultsOr(skip)
        const polling = expectDisposition(poll({ requestTimeoutMs: 60_000 }), 'later')
        const signal = new AbortController().signal
        const streaming = expectDisposition(
          port.stream(activation(), () => undefined, signal),
          'later',
        )
        await port.topology()
        await faults.goAway()
        await Promise.all([polling, streaming])
      })

      test('a gateway that is back is found again', async ({ skip }) => {
        const faults = faultsOr(skip)
        const job = await activateNew()
        await faults.goAway()
        await expectDisposition(complete(job), 'later')
        await faults.comeBack()
        await vi.waitFor(() => complete(job), PATIENCE)
      })

      test('a gateway that never answers means later at the time limit', async ({ skip }) => {
        const faults = faultsOr(skip)
        const job = await activateNew()
        faults.hang()
        const asked = performance.now()
        await Promise.all([
          expectDisposition(complete(job), 'later'),
          expectDisposition(poll({ requestTimeoutMs: 100 }), 'later'),
        ])
        const tookMs = performance.now() - asked
        expect(tookMs).toBeGreaterThan(faults.callTimeoutMs * 0.9)
        expect(tookMs).toBeLessThan(faults.callTimeoutMs * 2 + 1_000)
      })

      test('a command that waits on a silent gateway is rejected by close', async ({ skip }) => {
        const faults = faultsOr(skip)
        const job = await activateNew()
        faults.hang()
        const pending = expectDisposition(complete(job), 'aborted')
        await port.close()
        await pending
      })
    })
  })
}

/** Expects a call to be refused with a disposition; returns the error. */
async function expectDisposition(call: Promise<unknown>, wanted: GatewayDisposition): Promise<GatewayError> {
  const refused = await call.then(
    () => new Error('the call went through'),
    (error: unknown) => error,
  )
  if (!(refused instanceof GatewayError)) throw refused
  expect(refused.disposition, refused.message).toBe(wanted)
  return refused
}
