import { describe, expect, it } from 'vitest'
import { makeLaneBell } from '../../../src/lanes/queue/lane-bell.ts'

const LONG_MS = 3_600_000

describe('the bell of a lane', () => {
  it('ends a wait', async () => {
    const bell = makeLaneBell()
    const waited = bell.wait(LONG_MS)
    bell.ring()
    await waited
  })

  it('that rang while nobody waited ends only the next wait', async () => {
    const bell = makeLaneBell()
    bell.ring()
    bell.ring()
    await bell.wait(LONG_MS)
    let ended = 0
    const next = bell.wait(LONG_MS).then(() => (ended += 1))
    await new Promise(setImmediate)
    expect(ended).toBe(0)
    bell.ring()
    await next
  })

  it('makes the worker check a lane once more soon after a ring without a job', async () => {
    const bell = makeLaneBell()
    bell.ring()
    await bell.wait(LONG_MS)
    // By time: nobody rings.
    await bell.wait(LONG_MS)
    const next = Promise.race([
      bell.wait(LONG_MS).then(() => 'ended'),
      new Promise((resolve) => setTimeout(resolve, 1_500, 'waits')),
    ])
    expect(await next).toBe('waits')
    bell.ring()
  })
})
