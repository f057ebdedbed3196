// A partition of Zeebe that takes no reports, on a gateway that answers by partition, with a real Redis and the stand-in.
import { randomUUID } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import type { JobKey } from '../../src/job/ids.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { startRoles } from '../../workers/all-in-one.ts'
import { startFakeGateway } from '../camunda/fake-gateway.ts'
import { converseJob } from './connector-jobs.ts'
import { until } from './quarry-process.ts'
import { testEnvironment } from './quarry-under-test.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

const BACKLOG = 20
const [REFUSING, HEALTHY] = [1, 2]

it('outcomes that wait for one partition, as many as the backlog holds, leave room for the jobs of another', async () => {
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAENVDEFAULT'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'envsecret'
  const gateway = await startFakeGateway()
  stops.push(() => gateway.stop())
  const { settings } = loadSettings({
    env: testEnvironment({
      ZEEBE_GRPC_ADDRESS: gateway.address,
      QUARRY_MAX_BACKLOG: String(BACKLOG),
      QUARRY_MAX_LANE_BACKLOG: String(BACKLOG),
      QUARRY_SHUTDOWN_GRACE: 'PT1S',
    }),
  })
  const quarry = await startRoles(settings)
  stops.push(() => quarry.stop())
  let answered = 0
  quarry.events.on('answered', () => {
    answered += 1
  })
  const addJobs = (partition: number): JobKey[] =>
    Array.from({ length: BACKLOG }, () =>
      gateway.addJob({ ...converseJob(settings.jobType, `nova@${randomUUID()}`), partition }),
    )
  const completed = (keys: readonly JobKey[]) =>
    keys.filter((key) => gateway.job(key).state === 'completed').length
  gateway.refuse = ({ partition, method }) =>
    partition === REFUSING && method === 'CompleteJob' ? { status: 'RESOURCE_EXHAUSTED' } : null
  const stuck = addJobs(REFUSING)
  await until('all of them are answered', async () => answered === BACKLOG)
  const others = addJobs(HEALTHY)
  await until('the others are done', async () => completed(others) === BACKLOG)
  expect(completed(stuck)).toBe(0)
  gateway.refuse = () => null
  await until('these follow', async () => completed(stuck) === BACKLOG)
  expect(answered).toBe(2 * BACKLOG)
})
