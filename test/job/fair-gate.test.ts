import { expect, test } from 'vitest'
import { FairGate } from '../../src/job/fair-gate.ts'

const never = new AbortController().signal
const owner = (tenantId: string) => ({ tenantId, bpmnProcessId: 'p' })
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('the gate admits a limited number at a time, tenants take turns, and leaving twice frees one place', async () => {
  const gate = new FairGate(1)
  const entered: string[] = []
  const leave = await gate.enter(owner('a'), never)
  const others = ['a', 'a', 'b'].map(async (tenant) => {
    const leaveLater = await gate.enter(owner(tenant), never)
    entered.push(tenant)
    return leaveLater
  })
  leave()
  leave()
  await settled()
  expect(entered).toEqual(['a'])
  ;(await others[0])?.()
  await settled()
  expect(entered).toEqual(['a', 'b'])
  ;(await others[2])?.()
  await settled()
  expect(entered).toEqual(['a', 'b', 'a'])
})

test('a caller that stops waiting leaves the gate’s queue', async () => {
  const gate = new FairGate(1)
  const leave = await gate.enter(owner('a'), never)
  const stop = new AbortController()
  const waiting = gate.enter(owner('a'), stop.signal)
  stop.abort(new Error('stopped'))
  await expect(waiting).rejects.toThrow('stopped')
  leave()
  await gate.enter(owner('b'), never)
})
