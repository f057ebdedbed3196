import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { laneQuota, rateLimit } from '../../src/pace/lane-quota.ts'

const none = { requestsPerMinute: null, tokensPerMinute: null }
const lane = { account: 'default', region: 'eu-west-1', model: 'anthropic.claude-3-5-sonnet-20240620-v1:0' }

describe('the quota of a lane', () => {
  it('is that of the first rule that fits', () => {
    const rules = [
      { region: 'us-*', requestsPerMinute: 1 },
      { model: 'anthropic.*', requestsPerMinute: 2 },
      { requestsPerMinute: 3 },
    ]
    expect(laneQuota(lane, rules, none).requestsPerMinute).toBe(2)
  })

  it('is the default where no rule fits, and what a rule leaves out is the default too', () => {
    const byDefault = { requestsPerMinute: 60, tokensPerMinute: 9_000 }
    expect(laneQuota(lane, [{ region: 'us-east-1', requestsPerMinute: 1 }], byDefault)).toEqual(byDefault)
    expect(laneQuota(lane, [{ tokensPerMinute: 5 }], byDefault)).toEqual({
      requestsPerMinute: 60,
      tokensPerMinute: 5,
    })
  })

  it('takes a dot in a pattern for a dot', () => {
    expect(laneQuota({ ...lane, model: 'ax' }, [{ model: 'a.', requestsPerMinute: 1 }], none)).toEqual(none)
  })
})

describe('the rate limit', () => {
  it('stays under 0.99 of the quota, and comes within 3 % of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (requestsPerMinute) => {
        const { max, duration } = rateLimit(requestsPerMinute)
        const perMinute = (max * 60_000) / duration
        expect(perMinute).toBeLessThanOrEqual(requestsPerMinute * 0.99 + 1e-9)
        expect(perMinute).toBeGreaterThan(requestsPerMinute * 0.97)
        expect(Number.isInteger(max) && Number.isInteger(duration)).toBe(true)
      }),
    )
  })

  it('spreads a minute over short windows', () => {
    expect(rateLimit(60)).toEqual({ max: 1, duration: 1_011 })
    expect(rateLimit(6_000)).toEqual({ max: 9, duration: 91 })
  })
})
