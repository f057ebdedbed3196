import { describe, expect, it } from 'vitest'
import { capacity, countedOutcomes, sharedRoom, streamFits } from '../../src/activate/capacity.ts'

const bounds = { jobs: 100, bytes: 1_000 }
const load = { held: 50, outcomes: 30, arriving: 5, bytes: 999 }

describe('capacity', () => {
  it('is what the backlog leaves free: jobs held, outcomes not yet reported and arriving jobs count alike', () => {
    expect(capacity(load, bounds)).toBe(15)
  })

  it('is never negative', () => {
    expect(capacity({ ...load, held: 500 }, bounds)).toBe(0)
  })

  it('is 0 once the bytes are used up, however few the jobs', () => {
    expect(capacity({ held: 1, outcomes: 0, arriving: 0, bytes: 1_000 }, bounds)).toBe(0)
  })
})

describe('the room for one lane', () => {
  it('is the capacity, limited by the free part of the bytes', () => {
    expect(sharedRoom({ ...load, bytes: 0 }, bounds)).toBe(15)
    expect(sharedRoom({ ...load, bytes: 950 }, bounds)).toBe(5)
    expect(sharedRoom({ ...load, bytes: 1_500 }, bounds)).toBe(0)
  })
})

describe('the job stream', () => {
  it('opens while there is room for more than a tenth of the backlog, and stays open above a twentieth', () => {
    expect(streamFits(11, 100, false)).toBe(true)
    expect(streamFits(10, 100, false)).toBe(false)
    expect(streamFits(6, 100, true)).toBe(true)
    expect(streamFits(5, 100, true)).toBe(false)
  })
})

it('capacity does not count outcomes that wait for a closed partition, up to the size of the backlog', () => {
  expect(countedOutcomes(80, 0, bounds)).toBe(80)
  expect(countedOutcomes(80, 60, bounds)).toBe(20)
  expect(countedOutcomes(80, 90, bounds)).toBe(0)
  expect(countedOutcomes(250, 250, bounds)).toBe(150)
})
