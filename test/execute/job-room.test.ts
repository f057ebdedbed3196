import { expect, test } from 'vitest'
import { makeJobRoom } from '../../src/execute/job-room.ts'

const never = new AbortController().signal
const who = (lane: string, tenantId = 't') => ({ lane, tenantId, bpmnProcessId: 'p' })
const MB = 1024 * 1024

test('jobs enter while there is memory, and wait otherwise', async () => {
  const room = makeJobRoom(80 * MB)
  const first = await room.enter(40 * MB, who('a'), never)
  let isIn = false
  const second = room.enter(40 * MB, who('a'), never).then((leave) => {
    isIn = true
    return leave
  })
  expect(room.tryEnter(1 * MB)).toBeNull()
  expect([room.isAwaitedIn('a'), room.isAwaitedIn('b')]).toEqual([true, false])
  expect(isIn).toBe(false)
  first()
  first()
  ;(await second)()
  expect(room.isAwaitedIn('a')).toBe(false)
  expect(room.tryEnter(60 * MB)).not.toBeNull()
})

test('a job that is larger than the whole memory limit runs alone', async () => {
  const room = makeJobRoom(80 * MB)
  const leave = await room.enter(500 * MB, who('a'), never)
  expect(room.tryEnter(10 * MB)).toBeNull()
  leave()
  expect(room.tryEnter(10 * MB)).not.toBeNull()
})

test('small jobs do not wait behind large ones, but have their own limit', async () => {
  const room = makeJobRoom(80 * MB)
  await room.enter(70 * MB, who('a'), never)
  void room.enter(70 * MB, who('a'), never)
  const small = Array.from({ length: 200 }, () => room.tryEnter(MB / 8))
  expect(small.filter((leave) => leave !== null)).toHaveLength(80)
})

test('lanes take turns for memory, and tenants within a lane, however many jobs wait before them', async () => {
  const room = makeJobRoom(16 * MB)
  const order: string[] = []
  const leave = await room.enter(10 * MB, who('a'), never)
  const entering = [...Array.from({ length: 10 }, () => who('a')), who('a', 'other'), who('b')].map(
    async (each) => {
      const out = await room.enter(10 * MB, each, never)
      order.push(`${each.lane}/${each.tenantId}`)
      out()
    },
  )
  leave()
  await Promise.all(entering)
  expect(order.indexOf('b/t')).toBeLessThan(3)
  expect(order.indexOf('a/other')).toBeLessThan(4)
})

test('a stopped job leaves the queue for memory, and those behind it go on', async () => {
  const room = makeJobRoom(16 * MB)
  const leave = await room.enter(10 * MB, who('a'), never)
  const stop = new AbortController()
  const stopped = room.enter(100 * MB, who('a'), stop.signal)
  const behind = room.enter(2 * MB, who('a'), never)
  stop.abort(new Error('stopped'))
  await expect(stopped).rejects.toThrow('stopped')
  ;(await behind)()
  leave()
  expect(room.isAwaitedIn('a')).toBe(false)
})
