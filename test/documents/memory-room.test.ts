import { expect, test } from 'vitest'
import { MemoryRoom, type Share } from '../../src/documents/memory-room.ts'

const never = new AbortController().signal

function wait(work: Promise<unknown>) {
  const state = { isOver: false }
  const done = work.then(() => {
    state.isOver = true
  })
  return { state, done }
}

/** After what is due now. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('a job that does not fit into memory waits, and so do those behind it', async () => {
  const room = new MemoryRoom(100)
  const first = await room.enter(80, never)
  const large = wait(room.enter(50, never))
  const small = wait(room.enter(10, never))
  await turn()
  expect([large.state.isOver, small.state.isOver]).toEqual([false, false])
  room.leave(first)
  await Promise.all([large.done, small.done])
  expect(room.taken).toBe(60)
})

test('a document larger than the whole limit is admitted once no other job is ahead', async () => {
  const room = new MemoryRoom(100)
  const first = await room.enter(500, never)
  const next = wait(room.enter(1, never))
  await turn()
  expect(next.state.isOver).toBe(false)
  room.leave(first)
  await next.done
  expect(room.taken).toBe(1)
})

test('a job that stops waiting takes no memory, and lets those behind it in', async () => {
  const room = new MemoryRoom(100)
  await room.enter(80, never)
  const stopping = new AbortController()
  const large = wait(room.enter(50, stopping.signal))
  const small = wait(room.enter(10, never))
  stopping.abort()
  await expect(large.done).rejects.toThrow(/abort/i)
  await small.done
  expect(room.taken).toBe(90)
  await expect(room.enter(1, stopping.signal)).rejects.toThrow(/abort/i)
})

test('a job that needs more memory waits ahead of all that came later', async () => {
  const room = new MemoryRoom(100)
  const shares = [await room.enter(40, never), await room.enter(20, never), await room.enter(20, never)]
  const [first, second, third] = shares as [Share, Share, Share]
  expect(room.tryGrow(second, 50)).toBe(false)
  const growing = wait(room.grow(second, 50, never))
  const entering = wait(room.enter(5, never))
  expect(room.tryGrow(third, 25)).toBe(false)
  await turn()
  expect([growing.state.isOver, entering.state.isOver]).toEqual([false, false])
  room.shrink(first, 30)
  await growing.done
  expect(entering.state.isOver).toBe(false)
  room.leave(third)
  await entering.done
  expect(room.taken).toBe(85)
})

test('jobs that need more memory at the same time get it one after the other, the first of them beyond the limit', async () => {
  const room = new MemoryRoom(100)
  const shares = await Promise.all([50, 25, 25].map((bytes) => room.enter(bytes, never)))
  const order: number[] = []
  let most = 0
  await Promise.all(
    shares.map(async (share, index) => {
      await room.grow(share, 90, never)
      order.push(index)
      most = Math.max(most, room.taken)
      await turn()
      room.leave(share)
    }),
  )
  expect(order).toEqual([0, 1, 2])
  expect(most).toBeLessThan(100 + 90)
  expect(room.taken).toBe(0)
})
