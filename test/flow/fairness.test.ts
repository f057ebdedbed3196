// A lane is shared by weight, urgent work passes, and nothing starves: from diagrams to the calls that Bedrock gets.
// Jobs wait until all are there, and are then called one at a time, so that the order of the calls is that of the lane.
import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { afterEach, describe, expect, inject, it } from 'vitest'
import type { LoggedRequest } from '../../sim/sim.ts'
import { laneName } from '../../src/job/lane.ts'
import { makeKeys } from '../../src/redis/keys.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { startRoles } from '../../workers/all-in-one.ts'
import { bedrockProcess } from './bedrock-process.ts'
import { makeLanesFile } from './lanes-file.ts'
import { converseInputs, type QuarryUnderTest, startQuarry } from './quarry-under-test.ts'

const WITHIN = { timeout: 60_000, interval: 50 }
const toStop: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const stop of toStop.splice(0)) await stop()
})

interface Group {
  /** The prompt, by which its calls are known, and the beginning of the process id. */
  readonly name: string
  readonly instances: number
  readonly inputs?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

/** The prompts of the calls in their order, when jobs of all groups wait before the first of them is called. */
async function callsOf(
  groups: readonly Group[],
  environment: Record<string, string> = {},
): Promise<string[]> {
  const model = `m@${randomUUID()}`
  const adapter = await startQuarry({ QUARRY_ROLES: 'adapter', ...environment })
  toStop.push(adapter.stop)
  let waiting = 0
  for (const group of groups) {
    const process = await deploy(adapter, model, group)
    await Promise.all(
      Array.from({ length: group.instances }, () =>
        adapter.processes.createInstance({ bpmnProcessId: process, variables: '{}' }),
      ),
    )
    waiting += group.instances
    await expect.poll(() => waitingIn(adapter, model), WITHIN).toBe(waiting)
  }
  const env = { ...adapter.env, QUARRY_ROLES: 'bedrock', QUARRY_LANE_CONCURRENCY: '1' }
  const worker = await startRoles(loadSettings({ env }).settings)
  toStop.unshift(() => worker.stop())
  await expect.poll(async () => (await promptsOf(model)).length, WITHIN).toBe(waiting)
  return promptsOf(model)
}

async function deploy(
  { processes, jobType }: QuarryUnderTest,
  model: string,
  { name, inputs: more = {}, headers = {} }: Group,
): Promise<string> {
  const id = `${name}-${randomUUID()}`
  const inputs = converseInputs(model, { 'data.newMessage': name, ...more })
  const content = bedrockProcess({ id, jobType, inputs, headers })
  await processes.deploy([{ name: `${id}.bpmn`, content }])
  return id
}

async function lanesFile(content: string): Promise<string> {
  const { path, remove } = await makeLanesFile(content)
  toStop.push(remove)
  return path
}

async function waitingIn({ prefix }: QuarryUnderTest, model: string): Promise<number> {
  const redis = new Redis(inject('redisUrl'))
  const lane = laneName({ account: 'default', region: 'eu-west-1', model })
  return redis.zcard(makeKeys(prefix).prioritized(lane)).finally(() => redis.quit())
}

async function promptsOf(model: string): Promise<string[]> {
  const logged = (await (await fetch(`${inject('simUrl')}/__sim/requests`)).json()) as LoggedRequest[]
  return logged
    .filter((request) => request.model === model)
    .map(({ body }) => JSON.parse(body ?? '').messages[0].content[0].text)
}

const countOf = (prompts: readonly string[], name: string) => prompts.filter((each) => each === name).length

describe('processes in one lane', () => {
  it('with weights 3 to 1 get calls 3 to 1, whichever came first', async () => {
    const weights = await lanesFile('weights:\n  - process: heavy-*\n    weight: 3\n')
    const groups = [
      { name: 'light', instances: 30 },
      { name: 'heavy', instances: 90 },
    ]
    const prompts = await callsOf(groups, { QUARRY_LANES_FILE: weights })
    for (let from = 0; from <= prompts.length - 40; from += 1) {
      expect(Math.abs(countOf(prompts.slice(from, from + 40), 'heavy') - 30)).toBeLessThanOrEqual(1)
    }
  })
})

describe('an urgent job', () => {
  it('passes 200 waiting jobs', async () => {
    const prompts = await callsOf([
      { name: 'crowd', instances: 200 },
      { name: 'urgent', instances: 1, inputs: { 'quarry.priority': 'urgent' } },
    ])
    expect(prompts.slice(0, 2)).toContain('urgent')
  })
})

describe('a job of low priority', () => {
  it('is not starved by many more urgent ones', async () => {
    const prompts = await callsOf([
      { name: 'urgent', instances: 100, headers: { 'quarry.priority': 'urgent' } },
      { name: 'low', instances: 2, inputs: { 'quarry.priority': '= "low"' } },
    ])
    const [first = -1, second = -1] = prompts.flatMap((prompt, index) => (prompt === 'low' ? [index] : []))
    expect(first).toBeLessThanOrEqual(1)
    // One of low priority for 64 urgent ones.
    expect(Math.abs(second - first - 65)).toBeLessThanOrEqual(1)
  })
})

describe('an invalid priority', () => {
  it('is ignored: the job has normal priority', async () => {
    const prompts = await callsOf([{ name: 'odd', instances: 1, inputs: { 'quarry.priority': 'asap' } }])
    expect(prompts).toEqual(['odd'])
  })
})
