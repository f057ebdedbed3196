import { createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Authorization } from '../../src/camunda/authorization.ts'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import type { JobPort, PollRequest } from '../../src/camunda/job-port.ts'
import { jobKey } from '../../src/job/ids.ts'
import { activateJobs } from './activate-jobs.ts'
import { type FakeGateway, startFakeGateway } from './fake-gateway.ts'
import { describeJobPort } from './job-port.contract.ts'

const CALL_TIMEOUT_MS = 600

describeJobPort('the gRPC job port on the fake gateway', async () => {
  const gateway = await startFakeGateway({ jobsPerMessage: 5 })
  const jobType = 'contract'
  return {
    port: makeGrpcJobPort({ address: gateway.address, callTimeoutMs: CALL_TIMEOUT_MS }),
    jobType,
    async createJob(job = {}) {
      gateway.addJob({ type: jobType, ...job })
    },
    async createJobToEnd() {
      const command = await gateway.ended(gateway.addJob({ type: jobType }))
      return String(command['variables'])
    },
    leaseCheckMs: 0,
    keepsNumberText: true,
    limitsRecords: false,
    keepsFailVariables: true,
    hasTenants: true,
    faults: {
      goAway: gateway.goAway,
      comeBack: gateway.comeBack,
      hang: gateway.hang,
      callTimeoutMs: CALL_TIMEOUT_MS,
    },
    stop: gateway.stop,
  }
})

const POLL: PollRequest = {
  ...{ type: 'a', worker: 'adapter-1', timeoutMs: 300_000, fetchVariables: ['x'], tenantIds: ['a', 'b'] },
  ...{ maxJobs: 100, requestTimeoutMs: 20_000 },
}
const KEY = jobKey('9223372036854775807')

describe('the gRPC job port', () => {
  let gateway: FakeGateway
  let port: JobPort

  beforeEach(async () => {
    gateway = await startFakeGateway()
    port = makeGrpcJobPort({ address: gateway.address, callTimeoutMs: CALL_TIMEOUT_MS })
  })
  afterEach(async () => {
    await port?.close()
    await gateway?.stop()
  })

  test('sends each field of an activation', async () => {
    gateway.addJob({ type: 'a', tenantId: 'b' })
    await activateJobs(port, POLL)
    expect(gateway.calls).toMatchObject([
      {
        method: 'ActivateJobs',
        request: {
          ...{
            type: 'a',
            worker: 'adapter-1',
            timeout: '300000',
            fetchVariable: ['x'],
            tenantIds: ['a', 'b'],
          },
          ...{ maxJobsToActivate: 100, requestTimeout: '20000' },
        },
      },
    ])
  })

  test('sends each field of a command', async () => {
    const common = { jobKey: KEY, variables: '{"n":9007199254740993}' }
    await Promise.allSettled([
      port.complete(common),
      port.fail({ ...common, retries: 4, retryBackoffMs: -1, errorMessage: 'slow' }),
      port.throwError({ ...common, errorCode: 'CODE', errorMessage: 'no' }),
      port.extend({ jobKey: KEY, timeoutMs: 5_000 }),
    ])
    expect(gateway.calls.map(({ method, request }) => ({ method, ...request }))).toEqual([
      { method: 'CompleteJob', ...common },
      { method: 'FailJob', ...common, retries: 4, retryBackOff: '-1', errorMessage: 'slow' },
      { method: 'ThrowError', ...common, errorCode: 'CODE', errorMessage: 'no' },
      expect.objectContaining({ method: 'UpdateJobTimeout', jobKey: KEY, timeout: '5000' }),
    ])
  })

  test.for([
    ['RESOURCE_EXHAUSTED', 'later'],
    ['UNAVAILABLE', 'later'],
    ['UNAUTHENTICATED', 'later'],
    ['PERMISSION_DENIED', 'rejected'],
    ['INVALID_ARGUMENT', 'rejected'],
    ['CANCELLED', 'later'],
  ] as const)('an answer of %s means %s, and is not repeated', async ([status, disposition]) => {
    const key = gateway.addJob({ type: 'a' })
    gateway.answerNext(1, { status, details: 'for a reason' })
    await expect(port.complete({ jobKey: key, variables: '{}' })).rejects.toMatchObject({
      ...{ name: 'GatewayError', status, disposition },
      message: expect.stringMatching(
        `CompleteJob of job ${key} at 127.0.0.1:\\d+ failed: ${status}: for a reason`,
      ),
    })
    expect(gateway.calls).toHaveLength(1)
  })

  test('takes an answer of many jobs that is larger than 4 MB', async () => {
    const text = JSON.stringify('x'.repeat(600_000))
    for (let count = 0; count < 10; count += 1) gateway.addJob({ type: 'a', variables: { text } })
    const request = { ...POLL, fetchVariables: [], tenantIds: [] }
    expect(await activateJobs(port, request)).toHaveLength(10)
  })

  test('a handler that throws ends its stream, and no later job gets to it', async () => {
    const seen: string[] = []
    const streaming = port.stream(
      { ...POLL, tenantIds: [] },
      ({ key }) => {
        seen.push(key)
        throw new Error('a bug')
      },
      new AbortController().signal,
    )
    await port.topology()
    gateway.addJob({ type: 'a' })
    gateway.addJob({ type: 'a' })
    await expect(streaming).rejects.toMatchObject({
      disposition: 'later',
      cause: expect.objectContaining({ message: 'a bug' }),
    })
    expect(seen).toHaveLength(1)
  })

  test('a server that accepts connections but never answers means "later" at the time limit', async () => {
    const sockets: Socket[] = []
    const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined)))
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    const deaf = makeGrpcJobPort({ address: `127.0.0.1:${address.port}`, callTimeoutMs: 200 })
    await expect(deaf.topology()).rejects.toMatchObject({ disposition: 'later', status: 'DEADLINE_EXCEEDED' })
    await deaf.close()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => silent.close(resolve))
  })

  describe('with authorization', () => {
    const withAuthorization = (
      header: Authorization['header'],
      refused: Authorization['refused'] = () => false,
    ) =>
      makeGrpcJobPort({
        address: gateway.address,
        callTimeoutMs: 200,
        authorization: { header, refused, close: async () => undefined },
      })

    test('each call carries the token that is current', async () => {
      let fetched = 0
      const own = withAuthorization(async () => {
        fetched += 1
        return `Bearer ${fetched}`
      })
      await own.topology()
      await own.topology()
      await own.close()
      expect(gateway.calls.map(({ authorization }) => authorization)).toEqual(['Bearer 1', 'Bearer 2'])
    })

    test('a call whose token was refused is sent once more with another', async () => {
      let issued = 1
      const renew = (header: string) => {
        if (header === `Bearer ${issued}`) issued += 1
        return true
      }
      const own = withAuthorization(async () => `Bearer ${issued}`, renew)
      gateway.answerNext(1, { status: 'UNAUTHENTICATED' })
      const key = gateway.addJob({ type: 'a' })
      expect(await activateJobs(own, { ...POLL, tenantIds: ['<default>'] })).toHaveLength(1)
      gateway.answerNext(1, { status: 'UNAUTHENTICATED' })
      await own.complete({ jobKey: key, variables: '{}' })
      expect(gateway.calls.map(({ authorization }) => authorization?.at(-1)).join()).toBe('1,2,2,3')
      gateway.answerNext(2, { status: 'UNAUTHENTICATED' })
      await expect(own.topology()).rejects.toMatchObject({ disposition: 'later', status: 'UNAUTHENTICATED' })
      expect(gateway.calls).toHaveLength(6)
      await own.close()
    })

    test('a call whose token was refused fails when there is no other', async () => {
      const own = withAuthorization(async () => 'Bearer 1')
      gateway.answerNext(1, { status: 'UNAUTHENTICATED' })
      await expect(own.topology()).rejects.toMatchObject({ status: 'UNAUTHENTICATED' })
      expect(gateway.calls).toHaveLength(1)
      await own.close()
    })

    test('a token that cannot be had means later, and nothing is sent', async () => {
      const own = withAuthorization(() => Promise.reject(new Error('the token endpoint is down.')))
      await expect(own.topology()).rejects.toMatchObject({
        ...{ disposition: 'later', status: 'UNAUTHENTICATED' },
        message: expect.stringContaining('the token endpoint is down'),
      })
      await own.close()
      expect(gateway.calls).toEqual([])
    })

    test('a token that does not come means later at the time limit', async () => {
      const own = withAuthorization(() => new Promise(() => undefined))
      await expect(own.topology()).rejects.toMatchObject({ disposition: 'later', status: 'UNAUTHENTICATED' })
      const pending = own.topology()
      await Promise.all([own.close(), expect(pending).rejects.toMatchObject({ disposition: 'aborted' })])
    })
  })
})
