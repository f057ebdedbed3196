// What AWS did not execute costs time: no send that counts, no retry. And a quota of the day is waited for.
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, inject, it, onTestFinished } from 'vitest'
import type { EngineRecord } from '../../embedded/zeebe/records.ts'
import type { SimStats } from '../../sim/sim.ts'
import { startTcpProxy } from '../chaos/tcp-proxy.ts'
import { runQuarry } from '../cli/run-quarry.ts'
import { until } from './quarry-process.ts'
import {
  converseInputs,
  hasEnded,
  type QuarryUnderTest,
  recordsUntil,
  startQuarry,
} from './quarry-under-test.ts'

const ANSWER = { resultVariable: 'answer' }
let quarry: QuarryUnderTest

afterEach(() => quarry?.stop())

async function callsOf(model: string): Promise<number> {
  const stats = (await (await fetch(`${inject('simUrl')}/__sim/stats`)).json()) as SimStats
  const lanes = Object.entries(stats.lanes).filter(([name]) => name.endsWith(`|${model}`))
  return lanes.reduce((sum, [, { requests }]) => sum + requests, 0)
}

const failures = (records: readonly EngineRecord[]) =>
  records.filter(({ valueType, intent }) => valueType === 'JOB' && intent === 'FAILED')

/** Runs one instance of a process to its end; what the engine recorded of it. */
async function recordsOf(bpmnProcessId: string): Promise<readonly EngineRecord[]> {
  const { processInstanceKey } = await quarry.processes.createInstance({ bpmnProcessId, variables: '{}' })
  return recordsUntil(processInstanceKey, hasEnded)
}

describe('a call that AWS did not execute', () => {
  it('is repeated until it is answered, beyond the limit of sends', async () => {
    const model = `unavailable-5@${randomUUID()}`
    quarry = await startQuarry()
    const process = await quarry.deploy({ inputs: converseInputs(model), headers: ANSWER, retries: '1' })
    expect(failures(await recordsOf(process))).toEqual([])
    expect(await callsOf(model)).toBe(6)
  })

  it('ends with the stock connector’s error when its patience does', async () => {
    const model = `unavailable@${randomUUID()}`
    quarry = await startQuarry({ QUARRY_MAX_WAIT: 'PT2S' })
    const process = await quarry.deploy({ inputs: converseInputs(model), headers: ANSWER, retries: '1' })
    const [failed] = failures(await recordsOf(process))
    expect(failed?.value['errorMessage']).toMatch(
      /^Bedrock is unable to process your request\. \(Service: BedrockRuntime, Status Code: 503, Request ID: [0-9a-f-]{36}\) \(SDK Attempt Count: \d+\)/,
    )
  })

  it('counts as an attempt if the settings demand it', async () => {
    const model = `unavailable@${randomUUID()}`
    quarry = await startQuarry({ QUARRY_ON_OUTAGE: 'fail' })
    const process = await quarry.deploy({ inputs: converseInputs(model), headers: ANSWER, retries: '1' })
    expect(failures(await recordsOf(process))).toHaveLength(1)
    expect(await callsOf(model)).toBe(4)
  })
})

it('one diagram’s own endpoint that is down stops no lane, and counts no attempts of its jobs', async () => {
  const model = `m@${randomUUID()}`
  const { hostname, port } = new URL(inject('simUrl'))
  const proxy = await startTcpProxy({ host: hostname, port: Number(port) })
  onTestFinished(() => proxy.close())
  await proxy.cut()
  const endpoint = `http://127.0.0.1:${proxy.port}`
  quarry = await startQuarry({ QUARRY_ENDPOINT_ALLOW: endpoint })
  const own = converseInputs(model, { 'configuration.endpoint': endpoint })
  const down = await quarry.deploy({ inputs: own, headers: ANSWER, retries: '1' })
  const waiting = Promise.all(Array.from({ length: 4 }, () => recordsOf(down)))
  const up = await quarry.deploy({ inputs: converseInputs(model), headers: ANSWER, retries: '1' })
  for (let times = 0; times < 20; times += 1) await quarry.run(up)
  await proxy.open()
  expect((await waiting).flatMap(failures)).toEqual([])
})

it('a daily quota that is used up is named, and jobs wait for it', async () => {
  const model = `throttleday-1@${randomUUID()}`
  quarry = await startQuarry({ QUARRY_MAX_WAIT: 'P2D' })
  const run = (...argv: string[]) => runQuarry(argv, { ...quarry.env })
  const process = await quarry.deploy({ inputs: converseInputs(model), headers: ANSWER, retries: '1' })
  const ended = Promise.all(Array.from({ length: 8 }, () => recordsOf(process)))
  const lane = `default@eu-west-1@${model}`
  const listed = async () => (await run('jobs', 'list', lane)).stdout
  const used = 'the tokens per day are used up'
  await until('the jobs say so', async () => {
    const text = await listed()
    return (
      text.includes(`waits for the cooldown of its lane, as ${used}`) &&
      text.includes(`is delayed after ThrottlingException (429), as ${used}: next try in`)
    )
  })
  expect((await run('lanes')).stdout).toMatch(new RegExp(`cools down for \\d+ (s|min): ${used}`))
  // An operator need not wait for the cooldown, nor for those that are delayed until it is over.
  const delayed = (await listed()).split('\n').filter((line) => line.includes('delayed'))
  await run('resume', lane)
  for (const line of delayed) await run('retry', line.split(' ')[0] ?? '')
  expect((await ended).flatMap(failures)).toEqual([])
})
