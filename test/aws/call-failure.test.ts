import { describe, expect, it } from 'vitest'
import { describeFailure } from '../../src/aws/call-failure.ts'

function error(name: string, message: string, facts: object = {}): Error {
  return Object.assign(new Error(message), { name }, facts)
}

describe('a failed call is described', () => {
  it('by AWS’s own name, status and request id', () => {
    const thrown = error('ThrottlingException', 'Too many requests', {
      $metadata: { httpStatusCode: 429, requestId: 'r-1' },
    })
    expect(describeFailure(thrown)).toEqual({
      name: 'ThrottlingException',
      message: 'Too many requests',
      status: 429,
      requestId: 'r-1',
    })
  })

  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'x-amz-retry-after': '1500' }, 1_500],
  ])('with what AWS asks to wait: %o', (headers, retryAfterMs) => {
    const thrown = error('ThrottlingException', 'x', {
      $metadata: { httpStatusCode: 429 },
      $response: { headers },
    })
    expect(describeFailure(thrown)).toMatchObject({ retryAfterMs })
  })

  it('by the reason below the one that HTTP/2 gives', () => {
    const refused = error('Error', 'connect ECONNREFUSED 127.0.0.1:1', { code: 'ECONNREFUSED' })
    const thrown = error('Error', 'The pending stream has been canceled', {
      code: 'ERR_HTTP2_STREAM_CANCEL',
      cause: refused,
    })
    expect(describeFailure(thrown)).toMatchObject({ network: 'refused' })
  })

  it.each([
    ['ECONNRESET', 'reset'],
    ['ENOTFOUND', 'unknownHost'],
    ['ETIMEDOUT', 'timeout'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'other'],
  ])('as a matter of the network: %s', (code, network) => {
    expect(describeFailure(error('Error', 'x', { code }))).toMatchObject({ network })
  })

  it('as unreadable when the answer was no JSON, with that answer', () => {
    const thrown = error('SyntaxError', 'Unexpected token', {
      $metadata: { httpStatusCode: 200 },
      $responseBodyText: '<html>',
    })
    expect(describeFailure(thrown)).toMatchObject({ unreadable: true, status: 200, body: '<html>' })
  })

  it('as a lack of credentials', () => {
    expect(describeFailure(error('CredentialsProviderError', 'none'))).toMatchObject({ noCredentials: true })
  })

  it('even when something other than an error was thrown', () => {
    expect(describeFailure('odd')).toEqual({ name: 'Error', message: 'odd' })
  })
})
