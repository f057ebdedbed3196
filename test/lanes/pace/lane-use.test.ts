import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fadedUse, type LaneUse, usedShare } from '../../../src/lanes/pace/lane-use.ts'
import { withCall } from './model/lane-use.ts'

const FRESH: LaneUse = { at: 0, pace: 10, requestsUsed: 0, tokensUsed: 0, callSeconds: 0 }
const QUOTA = { requestsPerMinute: 600, tokensPerMinute: null }

/** A lane that ended `count` calls, one each `everyMs`. */
function played(
  count: number,
  everyMs: number,
  call = { throttled: false, seconds: 1, tokens: 100 },
): LaneUse {
  let use = FRESH
  for (let index = 0; index < count; index += 1) {
    use = withCall({ ...use, ...fadedUse(use, everyMs / 1_000), at: use.at + everyMs }, call)
  }
  return use
}

describe('the share of a quota that was used', () => {
  it('approaches what was sent within a minute, and decays when nothing is sent', () => {
    const full = played(600, 100)
    expect(usedShare(full, QUOTA, full.at)).toBeGreaterThan(0.9)
    const half = played(300, 200)
    expect(usedShare(half, QUOTA, half.at)).toBeCloseTo(0.48, 1)
    expect(usedShare(full, QUOTA, full.at + 60_000)).toBeLessThan(0.06)
  })

  it('is that of the tokens if these are used up more', () => {
    const use = played(600, 100)
    // 1,000 tokens a second.
    const share = usedShare(use, { requestsPerMinute: 6_000, tokensPerMinute: 60_000 }, use.at)
    expect(share).toBeGreaterThan(0.9)
    expect(usedShare(use, { requestsPerMinute: null, tokensPerMinute: 120_000 }, use.at)).toBeCloseTo(0.48, 1)
  })

  it('is zero without a quota, and throttles do not count', () => {
    const use = played(100, 100, { throttled: true, seconds: null as never, tokens: 0 })
    expect(usedShare(use, QUOTA, use.at)).toBe(0)
    expect(usedShare(use, { requestsPerMinute: null, tokensPerMinute: null }, use.at)).toBeNull()
  })

  it('is between 0 and 1, whatever the clock does', () => {
    const figure = fc.double({ min: 0, max: 1e6, noNaN: true })
    const uses = fc.record({
      at: fc.integer({ min: 0, max: 1e6 }),
      pace: fc.double({ min: 1 / 60, max: 1_000, noNaN: true }),
      requestsUsed: figure,
      tokensUsed: figure,
      callSeconds: figure,
    })
    fc.assert(
      fc.property(uses, fc.integer({ min: 0, max: 1e6 }), (use, now) => {
        const share = usedShare(use, { requestsPerMinute: 1, tokensPerMinute: 1 }, now) ?? -1
        expect(share).toBeGreaterThanOrEqual(0)
        expect(share).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('the mean length of calls', () => {
  it('starts with the first call, then follows', () => {
    const call = { throttled: false, tokens: 0 }
    const first = withCall(FRESH, { ...call, seconds: 4 })
    expect(first.callSeconds).toBe(4)
    let use = first
    for (let index = 0; index < 64; index += 1) use = withCall(use, { ...call, seconds: 1 })
    expect(use.callSeconds).toBeCloseTo(1, 1)
    expect(withCall(first, { ...call, seconds: null }).callSeconds).toBe(4)
  })
})
