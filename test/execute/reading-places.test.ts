import { expect, test } from 'vitest'
import { makeReadingPlaces } from '../../src/execute/reading-places.ts'
import type { LaneName } from '../../src/job/ids.ts'

const [A, B] = ['a', 'b'] as LaneName[]
const lane = (name: LaneName | undefined) => name as LaneName

function taken(count: number, take: () => unknown): number {
  return Array.from({ length: count }, take).filter((place) => place !== null).length
}

test('neither a process nor a tenant gets all reading places, however many jobs it has', () => {
  const places = makeReadingPlaces(() => undefined)
  const take = (tenantId: string, bpmnProcessId: string) => () =>
    places.take({ tenantId, bpmnProcessId }, lane(A))
  const first = taken(100, take('hostile', 'p'))
  expect(first).toBeLessThanOrEqual(24)
  const rest = Array.from({ length: 50 }, (_, index) => taken(100, take('hostile', `q${index}`)))
  const all = first + rest.reduce((sum, count) => sum + count, 0)
  expect(all).toBe(32)
  expect(taken(100, take('other', 'p'))).toBeGreaterThanOrEqual(8)
})

test('a lane’s concurrency grows by the jobs that hold reading places, until they leave', () => {
  const told: number[] = []
  const places = makeReadingPlaces((name) => told.push(places.inLane(name)), 8)
  const owner = { tenantId: 't', bpmnProcessId: 'p' }
  const leave = [places.take(owner, lane(A)), places.take(owner, lane(A)), places.take(owner, lane(B))]
  for (const each of leave) each?.()
  leave[0]?.()
  expect(told).toEqual([1, 2, 1, 1, 0, 0])
})
