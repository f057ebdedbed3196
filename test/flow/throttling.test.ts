// A throttle costs time; a quota is kept; patience ends.
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, inject, it } from 'vitest'
import type { SimStats } from '../../sim/sim.ts'
import {
  converseInputs,
  hasEnded,
  type QuarryUnderTest,
  recordsUntil,
  startQuarry,
} from './quarry-under-test.ts'

const THROTTLING = 'software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException'
let quarry: QuarryUnderTest

afterEach(() => quarry?.stop())

async function laneStats(model: string) {
  const stats = (await (await fetch(`${inject('simUrl')}/__sim/stats`)).json()) as SimStats
  const [lane] = Object.entries(stats.lanes).filter(([name]) => name.endsWith(`|${model}`))
  if (lane === undefined) throw new Error(`The stand-in saw no call of ${model}`)
  return lane[1]
}

function failures(records: Awaited<ReturnType<typeof recordsUntil>>) {
  return records
    .filter(({ valueType, intent }) => valueType === 'JOB' && intent === 'FAILED')
    .map(
      ({ value }) =>
        value as { retries: number; errorMessage: string; variables: { error: { type: string } } },
    )
}

describe('a throttled job', () => {
  it('is sent again until it is answered, and keeps its retries', async () => {
    quarry = await startQuarry()
    const model = `throttle-3@${randomUUID()}`
    const process = await quarry.deploy({
      inputs: converseInputs(model),
      headers: { resultVariable: 'answer' },
    })
    const { processInstanceKey } = await quarry.processes.createInstance({
      bpmnProcessId: process,
      variables: '{}',
    })
    const records = await recordsUntil(processInstanceKey, hasEnded)
    expect(failures(records)).toEqual([])
    expect(await laneStats(model)).toMatchObject({ requests: 4, throttled: 3, ok: 1 })
  })

  it('fails as the stock connector’s does when its patience ends: same type, one retry less', async () => {
    quarry = await startQuarry({ QUARRY_MAX_WAIT: 'PT1S', QUARRY_COMPATIBILITY: '8.8' })
    const process = await quarry.deploy({ inputs: converseInputs(`throttle@${randomUUID()}`), retries: '2' })
    const { processInstanceKey } = await quarry.processes.createInstance({
      bpmnProcessId: process,
      variables: '{}',
    })
    const failed = failures(await recordsUntil(processInstanceKey, hasEnded))
    expect(failed.map(({ retries }) => retries)).toEqual([1, 0])
    for (const { errorMessage, variables } of failed) {
      expect(variables.error.type).toBe(THROTTLING)
      expect(errorMessage).toMatch(
        /^Too many requests, please wait before trying again\. \(Service: BedrockRuntime, Status Code: 429, Request ID: [0-9a-f-]{36}\) \(SDK Attempt Count: \d+\)$/,
      )
    }
  })
})

describe('a transient error', () => {
  it.each([
    ['four times in all', 4, {}],
    ['as often as is set', 2, { QUARRY_MAX_SENDS: '2' }],
  ])('is tried %s, then the job fails with one retry less', async (_, sends, environment) => {
    quarry = await startQuarry({ QUARRY_COMPATIBILITY: '8.8', ...environment })
    const model = `internal@${randomUUID()}`
    const process = await quarry.deploy({ inputs: converseInputs(model), retries: '1' })
    const { processInstanceKey } = await quarry.processes.createInstance({
      bpmnProcessId: process,
      variables: '{}',
    })
    const failed = failures(await recordsUntil(processInstanceKey, hasEnded))
    expect(failed.map(({ retries }) => retries)).toEqual([0])
    expect((await laneStats(model)).requests).toBe(sends)
  })
})

describe('a lane with a quota', () => {
  it('sends no more than the quota allows, and its jobs wait without harm', async () => {
    quarry = await startQuarry({ QUARRY_DEFAULT_RPM: '600' })
    const model = `m@${randomUUID()}`
    const process = await quarry.deploy({
      inputs: converseInputs(model),
      headers: { resultVariable: 'answer' },
    })
    await Promise.all(Array.from({ length: 30 }, () => quarry.run(process)))
    const { requests, firstAt, lastAt, throttled } = await laneStats(model)
    expect({ requests, throttled }).toEqual({ requests: 30, throttled: 0 })
    // Five may go at once, then one each tenth of a second; calls on their way may lie a little closer.
    expect(lastAt - firstAt).toBeGreaterThan(2_300)
  })

  it('fails jobs that were never sent when their patience ends, with that reason', async () => {
    quarry = await startQuarry({ QUARRY_DEFAULT_RPM: '1', QUARRY_MAX_WAIT: 'PT2S' })
    const model = `m@${randomUUID()}`
    const process = await quarry.deploy({
      inputs: converseInputs(model),
      headers: { resultVariable: 'answer' },
      retries: '1',
    })
    const keys = await Promise.all(
      [1, 2, 3].map(
        async () =>
          (await quarry.processes.createInstance({ bpmnProcessId: process, variables: '{}' }))
            .processInstanceKey,
      ),
    )
    const ended = await Promise.all(keys.map((key) => recordsUntil(key, hasEnded)))
    const failed = ended.flatMap(failures)
    expect(failed).toHaveLength(2)
    for (const { retries, errorMessage, variables } of failed) {
      expect(retries).toBe(0)
      expect(variables.error.type).toBe(THROTTLING)
      expect(errorMessage).toContain('Never sent to Bedrock, nothing was called or billed')
      expect(errorMessage).toContain('requests per minute: 1')
    }
    expect((await laneStats(model)).requests).toBe(1)
  })
})
