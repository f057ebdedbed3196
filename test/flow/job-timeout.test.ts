// The header `jobTimeout` on the real engine, on the default line.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { jobKey } from '../../src/job/ids.ts'
import { type EndedInstance, runToItsEnd } from './ended-instance.ts'
import { callsOf } from './quarry-process.ts'
import { converseInputs, type QuarryUnderTest, recordsUntil, startQuarry } from './quarry-under-test.ts'

let quarry: QuarryUnderTest

beforeAll(async () => {
  quarry = await startQuarry()
})
afterAll(() => quarry?.stop())

async function run(modelId: string, jobTimeout: string, retries = '3'): Promise<EndedInstance> {
  const headers = { jobTimeout, resultVariable: 'answer' }
  return runToItsEnd(quarry, await quarry.deploy({ inputs: converseInputs(modelId), headers, retries }))
}

it('a job with a timeout of its own has it in Zeebe before its model is called', async () => {
  const { records } = await run(`m@${randomUUID()}`, 'PT2H')
  const told = records.filter(({ valueType }) => valueType === 'JOB').map(({ intent }) => intent)
  expect(told).toEqual(['CREATED', 'TIMEOUT_UPDATED', 'COMPLETED'])
  const updated = records.find(({ intent }) => intent === 'TIMEOUT_UPDATED')
  const leftMs = Number(updated?.value['deadline']) - Date.now()
  expect(leftMs).toBeGreaterThan(3_600_000)
})

it.each([
  ['shorter than ours', 'PT5S'],
  ['longer than ours', 'PT2H'],
])(
  'a job with a timeout %s whose incident is resolved is called again at once',
  async (_title, jobTimeout) => {
    const modelId = `validation-1@${randomUUID()}`
    const { processInstanceKey, incident } = await run(modelId, jobTimeout, '1')
    expect(await callsOf(modelId)).toHaveLength(1)
    const key = jobKey(String(incident?.value['jobKey']))
    await quarry.processes.updateJobRetries({ jobKey: key, retries: 2 })
    const resolvedAt = performance.now()
    await quarry.processes.resolveIncident(String(incident?.key))
    await recordsUntil(processInstanceKey, (records) =>
      records.some(({ valueType, intent }) => valueType === 'JOB' && intent === 'COMPLETED'),
    )
    expect(await callsOf(modelId)).toHaveLength(2)
    // Our own lease is five minutes.
    expect(performance.now() - resolvedAt).toBeLessThan(60_000)
  },
)

it.each([
  [
    '10 minutes',
    'Failed to parse job timeout header. Expected ISO-8601 duration, e.g. PT10M, got: 10 minutes',
  ],
  ['PT0S', 'Job timeout must be a positive duration, got: PT0S'],
])('a job timeout of %s is an incident, and nothing is called', async (jobTimeout, message) => {
  const modelId = `m@${randomUUID()}`
  const { incident } = await run(modelId, jobTimeout)
  expect(incident?.value['errorMessage']).toContain(message)
  expect(await callsOf(modelId)).toEqual([])
})
