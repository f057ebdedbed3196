import { describe, expect, it } from 'vitest'
import type { Lane } from '../../src/job/lane.ts'
import { laneQuota } from '../../src/rules/lane-quota.ts'

const lane: Lane = {
  account: 'default',
  region: 'us-east-1',
  model: 'anthropic.claude-3-haiku-20240307-v1:0',
}
const nothing = { requestsPerMinute: null, tokensPerMinute: null }

describe('the quota of a lane', () => {
  it('comes from the first rule that matches, its gaps filled by the default', () => {
    const rules = [
      { region: 'eu-*', requestsPerMinute: 1 },
      { account: 'other', requestsPerMinute: 2 },
      { region: 'us-*', model: 'anthropic.*', tokensPerMinute: 5_000, concurrency: 7, burstSeconds: 10 },
      { requestsPerMinute: 3 },
    ]
    expect(laneQuota(lane, rules, { requestsPerMinute: 60, tokensPerMinute: 9 })).toEqual({
      requestsPerMinute: 60,
      tokensPerMinute: 5_000,
      concurrency: 7,
      burstSeconds: 10,
    })
  })

  it('is the default if no rule matches', () => {
    const rules = [{ model: 'amazon.*', requestsPerMinute: 60 }]
    expect(laneQuota(lane, rules, nothing)).toEqual({ ...nothing, concurrency: null, burstSeconds: 1 })
  })

  it('matches the characters of a pattern literally, except the star', () => {
    const rules = [{ model: 'anthropicXclaude*', requestsPerMinute: 60 }]
    expect(laneQuota(lane, rules, nothing).requestsPerMinute).toBeNull()
  })
})
