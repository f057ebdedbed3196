import { describe, expect, it } from 'vitest'
import { capacity, streamWanted } from '../../src/activate/capacity.ts'

describe('capacity', () => {
  it('is what the backlog leaves: jobs held, outcomes that wait and jobs that arrive count alike', () => {
    expect(capacity({ held: 50, outcomes: 30, arriving: 5 }, 100)).toBe(15)
  })

  it('is never negative', () => {
    expect(capacity({ held: 500, outcomes: 0, arriving: 0 }, 100)).toBe(0)
  })
})

describe('the job stream', () => {
  it('opens while half of the backlog is free, and closes below a fifth', () => {
    expect(streamWanted(51, 100, false)).toBe(true)
    expect(streamWanted(50, 100, false)).toBe(false)
    expect(streamWanted(21, 100, true)).toBe(true)
    expect(streamWanted(20, 100, true)).toBe(false)
  })
})
