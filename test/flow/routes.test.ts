// A lane's jobs go elsewhere where a route says so, and only then: a region that fails, and one whose quota is used up.
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, inject, it } from 'vitest'
import type { FaultRule, SimStats } from '../../sim/sim.ts'
import { addFault } from './fault-rule.ts'
import { makeLanesFile } from './lanes-file.ts'
import {
  converseInputs,
  hasEnded,
  type QuarryUnderTest,
  recordsUntil,
  startQuarry,
} from './quarry-under-test.ts'

const HOME = 'eu-west-1'
const ELSEWHERE = 'eu-central-1'
const ANSWER = { resultVariable: 'answer' }
const toStop: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const stop of toStop.splice(0)) await stop()
})

async function quarryWith(lanes: string, more: Record<string, string> = {}): Promise<QuarryUnderTest> {
  const file = await makeLanesFile(lanes)
  const quarry = await startQuarry({ QUARRY_LANES_FILE: file.path, ...more })
  toStop.push(quarry.stop, file.remove)
  return quarry
}

/** What the stand-in counted of a model, by region. */
async function counted(model: string) {
  const stats = (await (await fetch(`${inject('simUrl')}/__sim/stats`)).json()) as SimStats
  const lanes = Object.entries(stats.lanes).filter(([name]) => name.endsWith(`|${model}`))
  return lanes.map(([name, { ok, requests }]) => ({ region: name.split('|')[1] ?? '', ok, requests }))
}

/** Calls of a model that were answered, by region. */
async function answered(model: string): Promise<Record<string, number>> {
  return Object.fromEntries((await counted(model)).map(({ region, ok }) => [region, ok]))
}

/** All calls of a model in a region. */
async function calls(model: string, region: string): Promise<number> {
  return (await counted(model)).find((lane) => lane.region === region)?.requests ?? 0
}

/** The model of this name answers 503 in the region that the diagrams name. */
const failAtHome = (model: string) => strike({ model, region: HOME, fault: 'unavailable' })

/** Puts a fault rule in force until the test ends. */
const strike = async (rule: FaultRule) => {
  toStop.push(await addFault(rule))
}

const route = (model: string, spillAfter: string) =>
  `routes:\n  - { region: ${HOME}, model: "${model}", spillAfter: ${spillAfter}, to: [{ region: ${ELSEWHERE} }] }\n`

describe('a region that fails', () => {
  it('is replaced by the region of the route; each result names the region that answered', async () => {
    const model = `m@${randomUUID()}`
    await failAtHome(model)
    const quarry = await quarryWith(route(model, 'PT1M'))
    const process = await quarry.deploy({ inputs: converseInputs(model), headers: ANSWER })
    const results = await Promise.all(Array.from({ length: 20 }, () => quarry.run(process)))
    for (const { answer, quarryRanIn } of results) {
      expect(answer).toBeDefined()
      expect(quarryRanIn).toEqual({ region: ELSEWHERE, model })
    }
    expect(await answered(model)).toEqual({ [HOME]: 0, [ELSEWHERE]: 20 })
  })

  it('keeps the jobs of a task that forbids spillover: they fail there, as without a route', async () => {
    const model = `m@${randomUUID()}`
    await strike({ model, region: HOME, fault: 'internal' })
    const quarry = await quarryWith(route(model, 'PT0.1S'))
    const headers = { ...ANSWER, 'quarry.failover': 'never' }
    const process = await quarry.deploy({ inputs: converseInputs(model), headers, retries: '1' })
    const instance = { bpmnProcessId: process, variables: '{}' }
    const { processInstanceKey } = await quarry.processes.createInstance(instance)
    const records = await recordsUntil(processInstanceKey, hasEnded)
    expect(records.some(({ valueType, intent }) => valueType === 'JOB' && intent === 'FAILED')).toBe(true)
    expect(await answered(model)).toEqual({ [HOME]: 0 })
  })

  it('keeps a job that must stay, and jobs behind it still go elsewhere', async () => {
    const model = `m@${randomUUID()}`
    await failAtHome(model)
    const quarry = await quarryWith(route(model, 'PT1M'), { QUARRY_LANE_CONCURRENCY: '1' })
    const inputs = converseInputs(model)
    const free = await quarry.deploy({ inputs, headers: ANSWER })
    await Promise.all(Array.from({ length: 6 }, () => quarry.run(free)))
    const headers = { ...ANSWER, 'quarry.failover': 'never' }
    const staying = await quarry.deploy({ inputs, headers })
    await quarry.processes.createInstance({ bpmnProcessId: staying, variables: '{}' })
    const results = await Promise.all(Array.from({ length: 20 }, () => quarry.run(free)))
    expect(results).toHaveLength(20)
  })

  it('keeps its jobs if no route matches, and results are unchanged', async () => {
    const model = `m@${randomUUID()}`
    const quarry = await quarryWith(route('another-model', 'PT0.1S'))
    const process = await quarry.deploy({ inputs: converseInputs(model), headers: ANSWER })
    expect(Object.keys(await quarry.run(process))).toEqual(['answer'])
    expect(await answered(model)).toEqual({ [HOME]: 1 })
  })

  it('is only replaced by regions that the worker serves', async () => {
    const model = `m@${randomUUID()}`
    const quarry = await quarryWith(route(model, 'PT0.1S'), { QUARRY_REGIONS: HOME })
    const process = await quarry.deploy({ inputs: converseInputs(model), headers: ANSWER })
    expect(Object.keys(await quarry.run(process))).toEqual(['answer'])
  })
})

describe('a region that a route leads to', () => {
  it.each(['validation', 'denied'] as const)(
    'gets no jobs for a minute once it lacks the model (%s): they go home',
    async (fault) => {
      const model = `m@${randomUUID()}`
      await strike({ model, region: ELSEWHERE, fault })
      const lanes = `quotas:\n  - { region: ${HOME}, requestsPerMinute: 180 }\n${route(model, 'PT0.05S')}`
      const quarry = await quarryWith(lanes)
      const process = await quarry.deploy({ inputs: converseInputs(model), headers: ANSWER, retries: '1' })
      const results = await Promise.all(Array.from({ length: 30 }, () => quarry.run(process)))
      for (const { quarryRanIn } of results) expect(quarryRanIn).toEqual({ region: HOME, model })
      expect(await answered(model)).toEqual({ [HOME]: 30, [ELSEWHERE]: 0 })
      // Those that were on their way, and no more for a minute.
      expect(await calls(model, ELSEWHERE)).toBeLessThan(15)
    },
  )

  it('gets no jobs while it is in an outage, and costs no attempt', async () => {
    const model = `m@${randomUUID()}`
    await strike({ model, region: ELSEWHERE, fault: 'unavailable' })
    const lanes = `quotas:\n  - { region: ${HOME}, requestsPerMinute: 180 }\n${route(model, 'PT0.05S')}`
    const quarry = await quarryWith(lanes)
    const process = await quarry.deploy({ inputs: converseInputs(model), headers: ANSWER, retries: '1' })
    await Promise.all(Array.from({ length: 30 }, () => quarry.run(process)))
    expect(await answered(model)).toEqual({ [HOME]: 30, [ELSEWHERE]: 0 })
    expect(await calls(model, ELSEWHERE)).toBeLessThan(15)
  })
})

describe('a quota that is used up', () => {
  it('lets jobs that waited for long enough go elsewhere', async () => {
    const model = `m@${randomUUID()}`
    const lanes = `quotas:\n  - { region: ${HOME}, requestsPerMinute: 1 }\n${route(model, 'PT0.5S')}`
    const quarry = await quarryWith(lanes)
    const process = await quarry.deploy({ inputs: converseInputs(model), headers: ANSWER })
    const results = await Promise.all(Array.from({ length: 5 }, () => quarry.run(process)))
    const regions = results.map(({ quarryRanIn }) => (quarryRanIn as { region: string }).region)
    expect(regions.filter((region) => region === HOME)).toHaveLength(1)
    expect(regions.filter((region) => region === ELSEWHERE)).toHaveLength(4)
  })
})
