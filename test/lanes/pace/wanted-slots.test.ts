import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LaneUse } from '../../../src/lanes/pace/lane-use.ts'
import { type LaneLoad, wantedSlots } from '../../../src/lanes/pace/wanted-slots.ts'

const USE: LaneUse = { at: 0, pace: 10, requestsUsed: 10, tokensUsed: 5_000, callSeconds: 3 }
const LOAD: LaneLoad = { jobs: 0, calls: 0, use: USE, pace: 10, tokens: null, concurrency: null }

const loads = fc
  .record({
    calls: fc.nat(200),
    waiting: fc.nat(5_000),
    use: fc.option(
      fc.record({ ...constants(USE), callSeconds: fc.double({ min: 0, max: 600, noNaN: true }) }),
    ),
    pace: fc.double({ min: 0, max: 1_000, noNaN: true }),
    tokens: fc.option(fc.double({ min: 1, max: 100_000, noNaN: true })),
    concurrency: fc.option(fc.integer({ min: 1, max: 500 })),
  })
  .map(({ waiting, ...load }): LaneLoad => ({ ...load, jobs: load.calls + waiting }))

function constants<T extends object>(values: T): { [Name in keyof T]: fc.Arbitrary<T[Name]> } {
  const entries = Object.entries(values).map(([name, value]) => [name, fc.constant(value)])
  return Object.fromEntries(entries)
}

describe('the slots that a lane wants', () => {
  it('are what the pace can use while more jobs wait', () => {
    expect(wantedSlots({ ...LOAD, jobs: 1_000, calls: 12 })).toBe(30)
    expect(wantedSlots({ ...LOAD, jobs: 1_000, pace: 0.1 })).toBe(1)
  })

  it('are the number of jobs while that is lower', () => {
    expect(wantedSlots({ ...LOAD, jobs: 7, calls: 3 })).toBe(7)
  })

  it('are the calls in flight while nothing waits, though a slow one takes longer than the mean', () => {
    expect(wantedSlots({ ...LOAD, jobs: 4, calls: 4 })).toBe(4)
    expect(wantedSlots({ ...LOAD, jobs: 40, calls: 40 })).toBe(40)
    expect(wantedSlots(LOAD)).toBe(0)
  })

  it('are zero while nothing may be sent', () => {
    expect(wantedSlots({ ...LOAD, jobs: 1_000, calls: 5, pace: 0 })).toBe(0)
  })

  it('are no more than the token quota allows at the average tokens of a request', () => {
    // 1,000 tokens a second, 500 a request.
    expect(wantedSlots({ ...LOAD, jobs: 1_000, tokens: 1_000 })).toBe(6)
    expect(wantedSlots({ ...LOAD, jobs: 1_000, tokens: 100_000 })).toBe(30)
  })

  it('are above zero for a lane that was never used, so that workers are started for it', () => {
    expect(wantedSlots({ ...LOAD, use: null, pace: 5, jobs: 3 })).toBe(3)
    expect(wantedSlots({ ...LOAD, use: null, pace: 5, jobs: 100 })).toBe(10)
  })

  it('never exceed the jobs or the allowed calls in flight, and are never zero while a job may be sent', () => {
    fc.assert(
      fc.property(loads, (load) => {
        const slots = wantedSlots(load)
        expect(Number.isInteger(slots)).toBe(true)
        expect(slots).toBeLessThanOrEqual(load.jobs)
        expect(slots).toBeLessThanOrEqual(load.concurrency ?? Number.POSITIVE_INFINITY)
        if (load.pace > 1e-6 && load.jobs > 0) expect(slots).toBeGreaterThan(0)
      }),
    )
  })

  it('grow with the jobs and with the pace', () => {
    fc.assert(
      fc.property(loads, fc.nat(100), fc.double({ min: 0, max: 10, noNaN: true }), (load, jobs, pace) => {
        const more = { ...load, jobs: load.jobs + jobs, pace: load.pace + pace }
        expect(wantedSlots(more)).toBeGreaterThanOrEqual(wantedSlots(load))
      }),
    )
  })
})
