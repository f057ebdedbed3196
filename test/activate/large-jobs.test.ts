import { expect, test } from 'vitest'
import { makeLargeJobs } from '../../src/activate/large-jobs.ts'
import type { ActivatedJob } from '../../src/job/activated-job.ts'
import { jobKey } from '../../src/job/ids.ts'
import { LARGE_UNITS } from '../../src/job/large-job.ts'

function job(key: number, units: number, tenantId = 't'): ActivatedJob {
  const none = { type: '', processInstanceKey: '', processDefinitionKey: '', elementId: '' }
  const more = { elementInstanceKey: '', retries: 3, deadlineMs: 0, customHeaders: '{}' }
  const own = { key: jobKey(String(key)), tenantId, bpmnProcessId: 'p', variables: ' '.repeat(units) }
  return { ...none, ...more, ...own }
}

/** Does not hand on before it is told to. */
function slowLine(mostUnits?: number) {
  const handed: string[] = []
  const waiting: (() => void)[] = []
  const large = makeLargeJobs(({ key }, leaseMs) => {
    handed.push(`${key} ${leaseMs}`)
    return new Promise<void>((resolve) => waiting.push(resolve))
  }, mostUnits)
  const finish = async (): Promise<void> => {
    waiting.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { large, handed, finish }
}

test('large jobs are handed on one by one, tenants take turns, and other jobs do not wait for them', async () => {
  const { large, handed, finish } = slowLine()
  const jobs = [job(1, LARGE_UNITS), job(2, 10), job(3, LARGE_UNITS), job(4, LARGE_UNITS, 'other')]
  expect(large.take(jobs, 60).map(({ key }) => key)).toEqual(['2'])
  expect(large.take([job(5, 10)], 30)).toHaveLength(1)
  expect(handed).toEqual(['1 60'])
  for (const _ of jobs) await finish()
  await large.ended()
  expect(handed).toEqual(['1 60', '4 60', '3 60'])
})

test('no more jobs are activated while the line is too long', async () => {
  const { large, finish } = slowLine(2 * LARGE_UNITS)
  await large.room()
  large.take(
    [1, 2, 3].map((key) => job(key, LARGE_UNITS)),
    60,
  )
  let hasRoom = false
  const room = large.room().then(() => {
    hasRoom = true
  })
  await finish()
  expect(hasRoom).toBe(false)
  await finish()
  await room
  await finish()
  await large.ended()
})
