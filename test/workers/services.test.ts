import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { makeEvents } from '../../src/telemetry/events.ts'
import type { Service } from '../../src/time/service.ts'
import { inOrder, type Running, together } from '../../workers/services.ts'

/** Services that log what they do into one list. */
function noting() {
  const done: string[] = []
  const service = (name: string, { stopMs = 0 } = {}): Service => ({
    name,
    start: () => void done.push(`start ${name}`),
    async stop() {
      done.push(`stop ${name}`)
      await sleep(stopMs)
      done.push(`stopped ${name}`)
    },
  })
  return { done, service }
}

it('services start in the order of the list and end in the reverse order, one after the other', async () => {
  const { done, service } = noting()
  const list = inOrder(
    [service('a'), service('b', { stopMs: 5 }), service('c', { stopMs: 10 })],
    makeEvents(),
  )
  await list.start()
  await list.stop(1_000)
  expect(done).toEqual([
    ...['start a', 'start b', 'start c'],
    ...['stop c', 'stopped c', 'stop b', 'stopped b', 'stop a', 'stopped a'],
  ])
})

it('services of one part stop at the same time', async () => {
  const { done, service } = noting()
  const part = together('taking jobs', [service('a', { stopMs: 10 }), service('b')])
  part.start()
  await part.stop()
  expect(done).toEqual(['start a', 'start b', 'stop a', 'stop b', 'stopped b', 'stopped a'])
})

it('services do not start if an earlier one fails to start', async () => {
  const { done, service } = noting()
  const away: Running = { ...service('b'), start: () => Promise.reject(new Error('Redis is away')) }
  await expect(inOrder([service('a'), away, service('c')], makeEvents()).start()).rejects.toThrow(
    'Redis is away',
  )
  expect(done).toEqual(['start a'])
})

it('services still stop if one fails to stop, which is reported by name', async () => {
  const { done, service } = noting()
  const events = makeEvents()
  const told: string[] = []
  events.on('fault', ({ where }) => told.push(where))
  const broken: Running = { ...service('b'), stop: () => Promise.reject(new Error('broken')) }
  await inOrder([service('a'), broken], events).stop(1_000)
  expect(done).toEqual(['stop a', 'stopped a'])
  expect(told).toEqual(['stopping: b'])
})

it('services share one grace period: a later one has what is left', async () => {
  const given: number[] = []
  const slow = (ms: number): Running => ({
    name: 'slow',
    start: () => undefined,
    async stop(graceMs) {
      given.push(graceMs)
      await sleep(ms)
    },
  })
  await inOrder([slow(0), slow(0), slow(50)], makeEvents()).stop(40)
  expect(given[0]).toBeGreaterThan(0)
  expect(given.slice(1)).toEqual([0, 0])
})
