import { expect, test } from 'vitest'
import { MemoryRoom } from '../../src/documents/memory-room.ts'

const never = new AbortController().signal

function enter(room: MemoryRoom, bytes: number, signal = never) {
  const state = { entered: false }
  const done = room.enter(bytes, signal).then(() => {
    state.entered = true
  })
  return { state, done }
}

test('who does not fit waits, and those behind wait their turn', async () => {
  const room = new MemoryRoom(100)
  await room.enter(80, never)
  const large = enter(room, 50)
  const small = enter(room, 10)
  await Promise.resolve()
  expect([large.state.entered, small.state.entered]).toEqual([false, false])
  room.take(-80)
  await Promise.all([large.done, small.done])
  expect(room.taken).toBe(60)
})

test('what is larger than the room has it for itself', async () => {
  const room = new MemoryRoom(100)
  await room.enter(500, never)
  const next = enter(room, 1)
  room.take(-500)
  await next.done
  expect(room.taken).toBe(1)
})

test('who stops waiting takes nothing, and lets those behind in', async () => {
  const room = new MemoryRoom(100)
  await room.enter(80, never)
  const stopping = new AbortController()
  const large = enter(room, 50, stopping.signal)
  const small = enter(room, 10)
  stopping.abort()
  await expect(large.done).rejects.toThrow(/abort/i)
  await small.done
  expect(room.taken).toBe(90)
  await expect(room.enter(1, stopping.signal)).rejects.toThrow(/abort/i)
})
