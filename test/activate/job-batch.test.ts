import { describe, expect, it } from 'vitest'
import { makeJobBatch } from '../../src/activate/job-batch.ts'
import type { ActivatedJob } from '../../src/job/activated-job.ts'
import { jobKey } from '../../src/job/ids.ts'

function job(key: number): ActivatedJob {
  const none = {
    type: '',
    processInstanceKey: '',
    processDefinitionKey: '',
    bpmnProcessId: '',
    elementId: '',
  }
  return {
    ...none,
    key: jobKey(String(key)),
    elementInstanceKey: '',
    tenantId: '',
    retries: 3,
    deadlineMs: 0,
    customHeaders: '{}',
    variables: '{}',
  }
}

/** Does not hand on before it is told to. */
function slowReceiver() {
  const batches: string[][] = []
  const waiting: (() => void)[] = []
  return {
    batches,
    handOn: (jobs: readonly ActivatedJob[]) => {
      batches.push(jobs.map(({ key }) => key))
      return new Promise<void>((resolve) => waiting.push(resolve))
    },
    finish: () => waiting.shift()?.(),
  }
}

describe('jobs that are pushed one by one', () => {
  it('are handed on in bounded batches, in order, and none twice', async () => {
    const { batches, handOn, finish } = slowReceiver()
    const batch = makeJobBatch(3, handOn)
    for (const key of [1, 2, 3, 4, 5, 6, 7]) batch.add(job(key))
    expect(batches).toEqual([['1', '2', '3']])
    const flushed = batch.flush()
    for (const _ of [1, 2, 3]) {
      finish()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await flushed
    expect(batches).toEqual([['1', '2', '3'], ['4', '5', '6'], ['7']])
    batch.add(job(8))
    const rest = batch.flush()
    finish()
    await rest
    expect(batches.at(-1)).toEqual(['8'])
  })

  it('are handed on after a short wait, however few they are', async () => {
    const { batches, handOn } = slowReceiver()
    makeJobBatch(100, handOn).add(job(1))
    await expect.poll(() => batches, { timeout: 30_000 }).toEqual([['1']])
  })
})
