import { expect, it } from 'vitest'
import { BusyError, makeAtMost } from '../../src/dashboard/at-most.ts'

it('up to one limit requests run, up to another they wait, and the rest are refused at once', async () => {
  const atMost = makeAtMost({ running: 2, waiting: 3 })
  const held = Promise.withResolvers<void>()
  let running = 0
  let most = 0
  const work = async (): Promise<void> => {
    running += 1
    most = Math.max(most, running)
    await held.promise
    running -= 1
  }
  const asked = Array.from({ length: 8 }, () =>
    atMost(work).then(
      () => 'done',
      (error: unknown) => error,
    ),
  )
  await new Promise(setImmediate)
  held.resolve()
  const ended = await Promise.all(asked)
  expect(ended.filter((end) => end instanceof BusyError)).toHaveLength(3)
  expect(ended.filter((end) => end === 'done')).toHaveLength(5)
  expect(most).toBe(2)
})

it('a request that fails gives its place to the next', async () => {
  const atMost = makeAtMost({ running: 1, waiting: 2 })
  const failing = () => Promise.reject(new Error('no'))
  const ends = [atMost(failing), atMost(failing), atMost(async () => 'went')]
  const settled = await Promise.allSettled(ends)
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  expect(await atMost(async () => 'again')).toBe('again')
})
