import { expect, it } from 'vitest'
import { makeKept } from '../../src/dashboard/kept.ts'

it('an answer is computed once for all simultaneous requests, and again after its time or a failure', async () => {
  let nowMs = 0
  let made = 0
  const kept = makeKept<number>({ keptMs: 100, now: () => nowMs, counts: (answer) => answer !== 3 })
  const make = async () => ++made
  expect(await Promise.all([kept('a', make), kept('a', make)])).toEqual([1, 1])
  nowMs = 99
  expect(await kept('a', make)).toBe(1)
  expect(await kept('b', make)).toBe(2)
  nowMs = 100
  expect(await kept('a', make)).toBe(3)
  expect(await kept('a', make)).toBe(4)
  await expect(kept('c', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await kept('c', make)).toBe(5)
})

it('the cache keeps only the most recently requested answers', async () => {
  const kept = makeKept<string>({ keptMs: 100, now: () => 0 })
  for (let n = 0; n < 1_000; n += 1) await kept(String(n), async () => 'first')
  expect(await kept('999', async () => 'second')).toBe('first')
  expect(await kept('0', async () => 'second')).toBe('second')
})
