import { describe, expect, it } from 'vitest'
import { makeGate } from '../../src/activate/gate.ts'
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

/** Hands on nothing before it is told to. */
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
  it('are handed on together, in order, none twice', async () => {
    const { batches, handOn, finish } = slowReceiver()
    const batch = makeJobBatch(3, handOn)
    expect([batch.add(job(1)), batch.add(job(2))]).toEqual([undefined, undefined])
    const full = batch.add(job(3))
    expect(batches).toEqual([['1', '2', '3']])
    finish()
    await full
    expect(batch.add(job(4))).toBeUndefined()
    const flushed = batch.flush()
    expect(batches).toEqual([['1', '2', '3'], ['4']])
    finish()
    await flushed
  })

  it('have one batch on its way, and no room for more than the next', async () => {
    const { batches, handOn, finish } = slowReceiver()
    const batch = makeJobBatch(2, handOn)
    expect(batch.add(job(1))).toBeUndefined()
    expect(batch.add(job(2))).toBeInstanceOf(Promise)
    expect(batch.add(job(3))).toBeUndefined()
    const full = batch.add(job(4))
    expect(full).toBeInstanceOf(Promise)
    expect(batches).toHaveLength(1)
    finish()
    await Promise.resolve().then(() => undefined)
    finish()
    await full
    expect(batches).toEqual([
      ['1', '2'],
      ['3', '4'],
    ])
  })
})

describe('a gate', () => {
  it('lets those who wait go on when it opens', async () => {
    const gate = makeGate()
    expect(gate.closed()).toBeUndefined()
    gate.close()
    const waiting = gate.closed()
    gate.open()
    await waiting
    expect(gate.closed()).toBeUndefined()
  })
})
