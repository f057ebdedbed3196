import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deferralDelay, type Progress } from '../../src/execute/deferral.ts'

const throttled: Progress = {
  kind: 'throttle',
  times: 1,
  waitedMs: 0,
  maxWaitMs: 3_600_000,
  maxSends: 4,
  retryAfterMs: undefined,
}

describe('a deferral', () => {
  it('of a throttled job is repeated until its patience ends, however often it was throttled', () => {
    expect(deferralDelay({ ...throttled, times: 10_000 }, () => 0.5)).toBe(10_000)
    expect(deferralDelay({ ...throttled, waitedMs: 3_600_000 }, () => 0.5)).toBeNull()
  })

  it('after a transient error ends with the last allowed send', () => {
    const transient = { ...throttled, kind: 'transient' } as const
    expect(deferralDelay({ ...transient, times: 3 }, () => 1)).toBe(400)
    expect(deferralDelay({ ...transient, times: 4 }, () => 1)).toBeNull()
    expect(deferralDelay({ ...transient, maxSends: 1 }, () => 1)).toBeNull()
  })

  it('keeps a throttled job at the front of its lane: the lane must wait, not the job', () => {
    for (const times of [1, 2, 3])
      expect(deferralDelay({ ...throttled, times, retryAfterMs: 7_000 }, () => 1)).toBe(0)
  })

  it('of a job throttled repeatedly has full jitter, so that jobs behind it get through', () => {
    expect(deferralDelay({ ...throttled, times: 4 }, () => 0)).toBe(0)
    expect(deferralDelay({ ...throttled, times: 4 }, () => 1)).toBe(1_000)
    expect(deferralDelay({ ...throttled, times: 6 }, () => 1)).toBe(4_000)
  })

  it('of a job in an outage keeps it at the front until its patience ends', () => {
    const outage = { ...throttled, kind: 'outage' } as const
    for (const times of [1, 2, 3]) expect(deferralDelay({ ...outage, times }, () => 1)).toBe(0)
    expect(deferralDelay({ ...outage, times: 4 }, () => 1)).toBe(1_000)
    expect(deferralDelay({ ...outage, times: 1_000, maxSends: 1 }, () => 1)).toBe(20_000)
    expect(deferralDelay({ ...outage, waitedMs: 3_600_000 }, () => 1)).toBeNull()
  })

  it('of a job with its own endpoint delays that job alone, not the lane', () => {
    const own = { ...throttled, kind: 'ownOutage' } as const
    expect([1, 2, 3, 9].map((times) => deferralDelay({ ...own, times }, () => 1))).toEqual([
      ...[1_000, 2_000, 4_000, 20_000],
    ])
  })

  it('for a quota that is used up for long ends after the lane’s cooldown', () => {
    const quota = { ...throttled, kind: 'quota' } as const
    expect(deferralDelay(quota, () => 0)).toBe(60_000)
    expect(deferralDelay({ ...quota, times: 9 }, () => 1)).toBe(1_200_000)
  })

  it('is no shorter than AWS’s Retry-After', () => {
    expect(deferralDelay({ ...throttled, times: 4, retryAfterMs: 7_000 }, () => 0)).toBe(7_000)
    const transient = { ...throttled, kind: 'transient' } as const
    expect(deferralDelay({ ...transient, retryAfterMs: 7_000 }, () => 0)).toBe(7_000)
  })

  it('never reaches beyond the end of the job’s patience', () => {
    fc.assert(
      fc.property(
        fc.nat(4_000_000),
        fc.nat(100_000),
        fc.nat(50),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (waitedMs, retryAfterMs, times, random) => {
          const delay = deferralDelay(
            { ...throttled, waitedMs, retryAfterMs, times: times + 1 },
            () => random,
          )
          expect((delay ?? 0) + waitedMs).toBeLessThanOrEqual(Math.max(waitedMs, throttled.maxWaitMs))
        },
      ),
    )
  })
})
