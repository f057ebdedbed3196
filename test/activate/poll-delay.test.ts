import { describe, expect, it } from 'vitest'
import { pollDelay } from '../../src/activate/poll-delay.ts'

const empty = { kind: 'empty', heldMs: 5, times: 1, streamOpen: false } as const

describe('the next poll', () => {
  it('follows at once after jobs, and after a request that the gateway held open', () => {
    expect(pollDelay({ ...empty, kind: 'jobs' }, Math.random)).toBe(0)
    expect(pollDelay({ ...empty, heldMs: 20_000 }, Math.random)).toBe(0)
  })

  it('waits longer after each quick empty answer, up to a bound that is small without a stream', () => {
    const delays = [1, 2, 3, 20].map((times) => pollDelay({ ...empty, times }, Math.random))
    expect(delays).toEqual([20, 40, 80, 250])
    expect(pollDelay({ ...empty, times: 20, streamOpen: true }, Math.random)).toBe(2_000)
  })

  it('waits with jitter after failures, 5 s at the most', () => {
    expect(pollDelay({ ...empty, kind: 'failed' }, () => 0)).toBe(50)
    expect(pollDelay({ ...empty, kind: 'failed' }, () => 1)).toBe(100)
    expect(pollDelay({ ...empty, kind: 'failed', times: 50 }, () => 1)).toBe(5_000)
  })
})
