import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FairQueue } from '../../src/job/fair-queue.ts'

const owners = fc.record({
  tenantId: fc.constantFrom('a', 'b', 'c'),
  bpmnProcessId: fc.constantFrom('p', 'q'),
})

test('in the fair queue at most one item of each other tenant goes before a tenant’s first item', () => {
  fc.assert(
    fc.property(fc.array(owners, { minLength: 1, maxLength: 40 }), (given) => {
      const queue = new FairQueue<string>()
      for (const owner of given) queue.add(owner, owner.tenantId)
      const taken = given.map(() => queue.take())
      const tenants = new Set(taken)
      expect(new Set(taken.slice(0, tenants.size))).toEqual(tenants)
      expect(queue.take()).toBeUndefined()
      expect(queue.size).toBe(0)
    }),
  )
})

test('in the fair queue the processes of a tenant take turns, each in order of arrival', () => {
  const queue = new FairQueue<number>()
  const owner = (bpmnProcessId: string) => ({ tenantId: 't', bpmnProcessId })
  for (const number of [1, 2, 3]) queue.add(owner('p'), number)
  queue.add(owner('q'), 4)
  expect(queue.peek()).toBe(1)
  expect([1, 2, 3, 4].map(() => queue.take())).toEqual([1, 4, 2, 3])
})

test('an item that no longer waits is removed from the fair queue', () => {
  const queue = new FairQueue<number>()
  const owner = { tenantId: 't', bpmnProcessId: 'p' }
  queue.add(owner, 1)
  queue.add(owner, 2)
  expect(queue.remove(owner, 1)).toBe(true)
  expect(queue.remove(owner, 1)).toBe(false)
  expect(queue.take()).toBe(2)
  expect(queue.remove(owner, 2)).toBe(false)
})
