// What people see of an outage of Bedrock, and that it is over: health, the commands, metrics. Readiness stays as it is.
import { expect, it, onTestFinished } from 'vitest'
import { startSim } from '../../sim/sim.ts'
import { laneName } from '../../src/job/lane.ts'
import { runQuarry } from '../cli/run-quarry.ts'
import { readSamples } from './metric-samples.ts'
import { until } from './quarry-process.ts'
import { converseInputs, startQuarry } from './quarry-under-test.ts'

const MODEL = 'sim.m-v1:0'
const LANE = laneName({ account: 'default', region: 'eu-west-1', model: MODEL })
const WHY = 'Bedrock answers ServiceUnavailableException (503). Look at the AWS Health Dashboard'

it('health, lanes, jobs and metrics show an outage while it lasts, and no process becomes unready', async () => {
  const sim = await startSim({ settings: { faults: [{ fault: 'unavailable' }] } })
  const quarry = await startQuarry({
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: sim.tlsUrl,
    AWS_CA_BUNDLE: sim.caFile,
  })
  onTestFinished(async () => {
    await quarry.stop()
    await sim.stop()
  })
  const told: string[] = []
  quarry.process.events.on('outageBegan', ({ lane, why }) => told.push(`began ${lane} ${why}`))
  quarry.process.events.on('outageEnded', ({ lane }) => told.push(`ended ${lane}`))
  const get = async (path: string) => fetch(quarry.process.url + path)
  const outages = async () =>
    ((await (await get('/health')).json()) as { outages: { lane: string; why: string; since: string }[] })
      .outages
  const figure = async (name: string) =>
    readSamples(await (await get('/metrics')).text()).find(
      (sample) => sample.name === name && sample.labels['lane'] === LANE,
    )?.value
  const run = async (...argv: string[]) => (await runQuarry(argv, { ...quarry.env })).stdout
  expect(await outages()).toEqual([])

  const bpmnProcessId = await quarry.deploy({
    inputs: converseInputs(MODEL),
    headers: { resultVariable: 'answer' },
  })
  const instances = Array.from({ length: 8 }, () => quarry.run(bpmnProcessId))
  await until('health tells of it', async () => (await outages()).length > 0)
  expect(await outages()).toEqual([
    {
      ...{ lane: LANE, region: 'eu-west-1', model: MODEL },
      ...{ since: expect.stringMatching(/^\d{4}-.*Z$/), why: expect.stringContaining(WHY) },
    },
  ])
  expect((await get('/health/ready')).status).toBe(200)
  const lanes = await run('lanes')
  expect(lanes).toMatch(/ outage \d+ s /)
  expect(lanes).toContain(`\n\n${LANE}: outage for `)
  expect(lanes).toContain(WHY)
  expect(await run('jobs', 'list', LANE)).toMatch(/its lane has been in an outage for \d+ s: Bedrock answers/)
  await until('a metric tells of it', async () => ((await figure('quarry_lane_outage_seconds')) ?? 0) > 0)
  expect(await figure('quarry_outages_total')).toBe(1)

  sim.configure({ faults: [] })
  await Promise.all(instances)
  await until('health tells that it is over', async () => (await outages()).length === 0)
  await until('the metric does', async () => (await figure('quarry_lane_outage_seconds')) === 0)
  expect(await run('lanes')).toMatch(/ running +0 /)
  expect(told).toEqual([`began ${LANE} ${WHY}, and at what is between here and Bedrock.`, `ended ${LANE}`])
})
