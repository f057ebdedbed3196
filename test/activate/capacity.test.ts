import { describe, expect, it } from 'vitest'
import { capacity, streamWanted } from '../../src/activate/capacity.ts'

const bounds = { jobs: 100, bytes: 1_000 }
const load = { held: 50, outcomes: 30, arriving: 5, bytes: 999 }

describe('capacity', () => {
  it('is what the backlog leaves: jobs held, outcomes that wait and jobs that arrive count alike', () => {
    expect(capacity(load, bounds)).toBe(15)
  })

  it('is never negative', () => {
    expect(capacity({ ...load, held: 500 }, bounds)).toBe(0)
  })

  it('is none once the bytes are used up, however few the jobs', () => {
    expect(capacity({ held: 1, outcomes: 0, arriving: 0, bytes: 1_000 }, bounds)).toBe(0)
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
