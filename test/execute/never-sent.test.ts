import { describe, expect, it } from 'vitest'
import { neverSentError } from '../../src/execute/never-sent.ts'

const unsent = {
  lane: { account: 'default', region: 'eu-west-1', model: 'm1' },
  requestsPerMinute: 60,
  served: true,
  waitedMs: 3_600_400,
  maxWaitMs: 3_600_000,
}

describe('the error of a job that was never sent', () => {
  it('is a throttle by type, and says what was not done, for how long, and why', () => {
    expect(neverSentError(unsent)).toEqual({
      type: 'software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException',
      input: false,
      message:
        'Never sent to Bedrock, nothing was called or billed: the job waited PT1H for its turn to call model m1 in region eu-west-1, longer than QUARRY_MAX_WAIT (PT1H) allows, because the jobs ahead of it used up what its lane may send (requests per minute: 60).',
    })
  })

  it('names a region that nobody serves', () => {
    expect(neverSentError({ ...unsent, served: false }).message).toContain(
      'no Quarry worker serves region eu-west-1',
    )
  })

  it('blames the calls ahead where there is no limit', () => {
    expect(neverSentError({ ...unsent, requestsPerMinute: null }).message).toContain(
      'kept all places of its lane busy',
    )
  })
})
