// The task header quarry.maxWait: a job that waits longer than its task allows ends wherever it waits, so that the diagram
// can lead elsewhere.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { makeAuditLog } from '../../src/control/audit-log.ts'
import { makeLaneControl } from '../../src/control/lane-control.ts'
import { laneName } from '../../src/job/lane.ts'
import { makeOverrideStore } from '../../src/lanes/override-store.ts'
import { makeLaneQueues } from '../../src/lanes/queue/lane-queues.ts'
import { closeRedis, connectRedis } from '../../src/redis/connect.ts'
import { makeKeys, SHARD_NUMBERS } from '../../src/redis/keys.ts'
import { redisAt } from '../../src/redis/redis-target.ts'
import { makeEvents } from '../../src/telemetry/events.ts'
import { type LanesFile, makeLanesFile } from './lanes-file.ts'
import { callsOf } from './quarry-process.ts'
import {
  converseInputs,
  hasEnded,
  type QuarryUnderTest,
  recordsUntil,
  startQuarry,
} from './quarry-under-test.ts'

/** As diagrams tell a throttle from other errors. */
const THROTTLED =
  '=if contains(error.message, "Status Code: 429") then bpmnError("THROTTLED", error.message) else null'
const OF_ITS_OWN =
  '=if contains(error.message, "quarry.maxWait (PT10S)") then bpmnError("THROTTLED", error.message) else null'

let lanes: LanesFile
let quarry: QuarryUnderTest
let redis: ReturnType<typeof connectRedis>
const run = randomUUID()
const tight = `tight@${run}`
const slow = `slow@${run}`

beforeAll(async () => {
  redis = connectRedis({ target: redisAt(inject('redisUrl')), name: 'test', onError: () => undefined })
  lanes = await makeLanesFile(`
quotas:
  - { model: '${slow}', requestsPerMinute: 30 }
budgets:
  - { name: tight, model: '${tight}', period: month, tokens: 1, action: wait }
`)
  quarry = await startQuarry({ QUARRY_REGIONS: 'eu-west-1', QUARRY_LANES_FILE: lanes.path })
})
afterAll(async () => {
  await quarry?.stop()
  await lanes?.remove()
  if (redis !== undefined) await closeRedis(redis)
})

interface Task {
  readonly model: string
  readonly maxWait: string
  readonly region?: string
  readonly errorExpression?: string
}

/** Runs instances to their end and gives where each ended. */
async function ends({ model, maxWait, region = 'eu-west-1', errorExpression = THROTTLED }: Task, count = 1) {
  const id = await quarry.deploy({
    inputs: converseInputs(model, { 'configuration.region': region }),
    headers: { 'quarry.maxWait': maxWait, errorExpression },
    boundary: [{ code: 'THROTTLED' }],
  })
  const started = await Promise.all(
    Array.from({ length: count }, () =>
      quarry.processes.createInstance({ bpmnProcessId: id, variables: '{}' }),
    ),
  )
  return Promise.all(
    started.map(async ({ processInstanceKey }) => {
      const records = await recordsUntil(processInstanceKey, hasEnded)
      const thrown = records.find(({ valueType, intent }) => valueType === 'JOB' && intent === 'ERROR_THROWN')
      const incident = records.find(({ valueType }) => valueType === 'INCIDENT')
      const caught = records.some(({ value }) => value['bpmnElementType'] === 'BOUNDARY_EVENT')
      return {
        at: incident === undefined ? (caught ? 'boundary' : 'end') : incident.value['errorMessage'],
        message: thrown?.value['errorMessage'],
      }
    }),
  )
}

async function pause(model: string): Promise<void> {
  const keys = makeKeys(quarry.prefix)
  const queues = makeLaneQueues(redis, keys, () => undefined)
  const [overrides, audit] = [makeOverrideStore(redis, keys), makeAuditLog(redis, keys)]
  const control = makeLaneControl({ queues, overrides, audit, events: makeEvents(), by: 'ann@desk' })
  await control.pause([laneName({ account: 'default', region: 'eu-west-1', model })])
  await queues.close()
}

describe.concurrent('a job whose task bounds its wait', () => {
  it('and that is throttled ends with a throttle error, which the diagram catches', async () => {
    const model = `throttle@${randomUUID()}`
    const [end] = await ends({ model, maxWait: 'PT10S' })
    expect(end).toEqual({
      at: 'boundary',
      message: expect.stringMatching(/^Too many requests, .*Status Code: 429/),
    })
    expect(await callsOf(model)).not.toEqual([])
  })

  it('and whose lane is paused ends with the same error, which the diagram catches', async () => {
    const model = `nova@${randomUUID()}`
    await pause(model)
    const [end] = await ends({ model, maxWait: 'PT3S' })
    expect(end).toEqual({
      at: 'boundary',
      message: expect.stringMatching(
        /^Never sent to Bedrock, .* longer than the task header quarry\.maxWait \(PT3S\) allows, .*Status Code: 429/,
      ),
    })
    expect(await callsOf(model)).toEqual([])
  })

  it('ends in a lane that no worker serves', async () => {
    const [end] = await ends({ model: `nova@${randomUUID()}`, maxWait: 'PT2S', region: 'ap-south-1' })
    expect(end).toEqual({
      at: 'boundary',
      message: expect.stringMatching(
        /quarry\.maxWait \(PT2S\) allows, because no Quarry worker serves region/,
      ),
    })
  })

  it('ends while it waits for its turn, also within a worker', async () => {
    const found = await ends({ model: slow, maxWait: 'PT3S' }, 20)
    const calls = await callsOf(slow)
    expect(found.filter(({ at }) => at === 'end')).toHaveLength(calls.length)
    const late = found.filter(({ at }) => at === 'boundary')
    expect(late.length).toBeGreaterThan(5)
    for (const { message } of late) expect(message).toMatch(/^Never sent to Bedrock/)
  })

  it('ends while it is delayed for a budget', async () => {
    // The first call of a period is let through, whatever it takes.
    expect(await ends({ model: tight, maxWait: 'PT1H' })).toMatchObject([{ at: 'end' }])
    const [end] = await ends({ model: tight, maxWait: 'PT10S', errorExpression: OF_ITS_OWN })
    expect(end).toEqual({
      at: 'boundary',
      message: expect.stringMatching(/^The job waited .*, at last for a budget, longer than the task header/),
    })
    expect(await callsOf(tight)).toHaveLength(1)
  })

  it('is answered if the answer comes sooner', async () => {
    const model = `throttle-2@${randomUUID()}`
    expect(await ends({ model, maxWait: 'PT1H' })).toEqual([{ at: 'end', message: undefined }])
  })

  it('by an invalid duration is an incident at once, without a call', async () => {
    const model = `nova@${randomUUID()}`
    const id = await quarry.deploy({ inputs: converseInputs(model), headers: { 'quarry.maxWait': '3s' } })
    const { processInstanceKey } = await quarry.processes.createInstance({
      bpmnProcessId: id,
      variables: '{}',
    })
    const records = await recordsUntil(processInstanceKey, hasEnded)
    const failed = records.filter(({ valueType, intent }) => valueType === 'JOB' && intent === 'FAILED')
    expect(failed.map(({ value }) => value)).toEqual([
      expect.objectContaining({
        retries: 0,
        errorMessage: expect.stringContaining(
          'Task header quarry.maxWait must be a positive ISO-8601 duration, e.g. PT30S, got: 3s',
        ),
      }),
    ])
    expect(await callsOf(model)).toEqual([])
  })
})

it('jobs with a limited wait leave no key behind', async () => {
  const keys = makeKeys(quarry.prefix)
  const left = await Promise.all(SHARD_NUMBERS.map((shard) => redis.zcard(keys.patience(shard))))
  expect(left.reduce((sum, count) => sum + count, 0)).toBe(0)
})
