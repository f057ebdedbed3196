import { describe, expect, it } from 'vitest'
import { outageWhy } from '../../src/execute/pace-end.ts'
import type { CallFailure } from '../../src/job/call-failure.ts'

const failure = (given: Partial<CallFailure>): CallFailure => ({
  name: 'Error',
  message: 'what AWS said',
  ...given,
})
const ENDPOINT = 'b.example:443'

describe('the stored reason of an outage', () => {
  it.each<[Partial<CallFailure>, string]>([
    [
      {
        connect: 'tcp',
        endpoint: ENDPOINT,
        message: `${ENDPOINT} cannot be connected to: refused. Look at it.\nmore`,
      },
      `${ENDPOINT} cannot be connected to: refused. Look at it.`,
    ],
    [
      { noCredentials: true, message: 'Could not load credentials from any providers.' },
      'no AWS credentials: Could not load credentials from any providers. See "npx quarry doctor" with the settings of the worker.',
    ],
    [
      { noCredentials: true, message: 'Command failed: get --secret hunter2' },
      'no AWS credentials: the credential_process failed. See "npx quarry doctor" with the settings of the worker.',
    ],
    [
      { name: 'ServiceUnavailableException', status: 503 },
      'Bedrock answers ServiceUnavailableException (503). Look at the AWS Health Dashboard, and at what is between here and Bedrock.',
    ],
    [
      { name: 'ModelNotReadyException', status: 429 },
      'Bedrock answers ModelNotReadyException (429). This concerns the model, not this account: look at the AWS Health Dashboard.',
    ],
    [
      {
        network: 'reset',
        endpoint: ENDPOINT,
        message: `The call to ${ENDPOINT} broke before an answer came: it was reset.`,
      },
      `The call to ${ENDPOINT} broke before an answer came: it was reset.`,
    ],
    [
      { network: 'other', endpoint: ENDPOINT, message: 'EPROTO' },
      `the connection to ${ENDPOINT} breaks: EPROTO`,
    ],
    [{ timedOutAfterMs: 600_000 }, 'calls have no answer after 600 s'],
  ])('%j', (given, why) => {
    expect(outageWhy(failure(given))).toBe(why)
  })

  it('repeats no text of AWS, and has a maximum length', () => {
    expect(outageWhy(failure({ status: 500, name: 'a name with a prompt in it' }))).not.toMatch(/prompt|said/)
    expect(outageWhy(failure({ connect: 'tls', message: 'x'.repeat(2_000) }))).toHaveLength(500)
  })
})
