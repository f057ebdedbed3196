import { afterEach, beforeEach, expect, it } from 'vitest'
import { makeDestinationHealth } from '../../src/camunda/destination-health.ts'
import { makeExtendSoon } from '../../src/camunda/extend-soon.ts'
import { makeGrpcJobPort } from '../../src/camunda/grpc-job-port.ts'
import type { JobPort } from '../../src/camunda/job-port.ts'
import type { JobKey } from '../../src/job/ids.ts'
import { activateJobs } from './activate-jobs.ts'
import { type FakeGateway, startFakeGateway } from './fake-gateway.ts'

let gateway: FakeGateway
let port: JobPort
let soon: Pick<JobPort, 'extend'>
let clock = 0

beforeEach(async () => {
  gateway = await startFakeGateway()
  port = makeGrpcJobPort({ address: gateway.address })
  soon = makeExtendSoon(port, makeDestinationHealth({ now: () => clock, random: () => 1 }))
})
afterEach(async () => {
  await port?.close()
  await gateway?.stop()
})

async function leased(partition: number): Promise<JobKey> {
  const key = gateway.addJob({ type: 'a', partition })
  const request = { type: 'a', worker: 'w', timeoutMs: 60_000, fetchVariables: [], tenantIds: [] }
  await activateJobs(port, { ...request, maxJobs: 1, requestTimeoutMs: 1_000 })
  return key
}

const attempts = (key: JobKey) => gateway.calls.filter(({ request }) => request['jobKey'] === key).length

it('when Zeebe does not answer one lease extension of a batch, the batch gives up early and sends no further ones', async () => {
  const [first, second, other] = [await leased(1), await leased(1), await leased(2)]
  gateway.refuse = ({ partition }) => (partition === 1 ? 'hang' : null)
  const beganAt = performance.now()
  const extend = (jobKey: JobKey) => soon.extend({ jobKey, timeoutMs: 60_000 })
  await expect(extend(first)).rejects.toMatchObject({ disposition: 'later', status: 'DEADLINE_EXCEEDED' })
  // Every other call has ten seconds.
  expect(performance.now() - beganAt).toBeLessThan(8_000)
  await expect(extend(second)).rejects.toMatchObject({ disposition: 'later', status: 'UNAVAILABLE' })
  expect(attempts(second)).toBe(0)
  await extend(other)
  gateway.refuse = () => null
  clock += 5_000
  await extend(second)
})
