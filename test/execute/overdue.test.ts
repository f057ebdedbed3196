import { describe, expect, it } from 'vitest'
import { neverSentError } from '../../src/execute/overdue.ts'

const unsent = {
  lane: { account: 'default', region: 'eu-west-1', model: 'm1' },
  requestsPerMinute: 60,
  served: true,
  outage: null,
  waitedMs: 3_600_400,
  allowedBy: 'QUARRY_MAX_WAIT (PT1H)',
}

describe('the error of a job that was never sent', () => {
  it('has the type of a throttle, and gives what was not done, for how long, and why', () => {
    expect(neverSentError(unsent)).toEqual({
      type: 'software.amazon.awssdk.services.bedrockruntime.model.ThrottlingException',
      input: false,
      message:
        'Never sent to Bedrock, nothing was called or billed: the job waited PT1H for its turn to call model m1 in region eu-west-1, longer than QUARRY_MAX_WAIT (PT1H) allows, because the jobs ahead of it used up what its lane may send (requests per minute: 60). It counts as throttled (Status Code: 429).',
    })
  })

  it('names a region that nobody serves', () => {
    expect(neverSentError({ ...unsent, served: false }).message).toContain(
      'no Quarry worker serves region eu-west-1',
    )
  })

  it('names an outage, with the type of an unreachable endpoint', () => {
    const outage =
      'b.example:443 cannot be connected to: connection refused (ECONNREFUSED). Look at the endpoint.'
    expect(neverSentError({ ...unsent, outage })).toMatchObject({
      type: 'software.amazon.awssdk.core.exception.SdkClientException',
      message: expect.stringMatching(
        /^Never sent to Bedrock, .*\(PT1H\) allows, because its lane gets no answers of Bedrock: b\.example:443 .* Look at the endpoint\.$/,
      ),
    })
    expect(neverSentError({ ...unsent, outage, served: false }).message).toContain('no Quarry worker serves')
  })

  it('names the calls ahead if there is no limit', () => {
    expect(neverSentError({ ...unsent, requestsPerMinute: null }).message).toContain(
      'kept all places of its lane busy',
    )
  })
})
