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

  const codes = [
    ...['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_INFO'].map((code) => [
      code,
      'reset',
    ]),
    ...['ERR_HTTP2_STREAM_ERROR', 'ERR_HTTP2_PING_CANCEL', 'ERR_HTTP2_ERROR'].map((code) => [code, 'reset']),
    ['ECONNREFUSED', 'refused'],
    ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL'].map((code) => [code, 'unknownHost']),
    ['ETIMEDOUT', 'timeout'],
    ...['EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EPROTO', 'EMFILE'].map((code) => [
      code,
      'other',
    ]),
    ...['CERT_HAS_EXPIRED', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'SELF_SIGNED_CERT_IN_CHAIN'].map((code) => [
      code,
      'other',
    ]),
    ...[
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR',
    ].map((code) => [code, 'other']),
    ...['ERR_HTTP2_OUT_OF_STREAMS', 'ERR_HTTP2_STREAM_CANCEL', 'SOMETHING_NEW'].map((code) => [
      code,
      'other',
    ]),
  ]
  it.each(codes)('as a network failure: %s, which is %s, plain and as a cause', (code, network) => {
    const plain = error('Error', 'x', { code })
    expect(describeFailure(plain)).toMatchObject({ network })
    const wrapped = error('Error', 'canceled', { code: 'ERR_HTTP2_STREAM_CANCEL', cause: plain })
    expect(describeFailure(wrapped)).toMatchObject({ network })
  })

  it('as a network failure when it has no code at all', () => {
    const odd = error('Error', 'Unexpected error: http2 request did not get a response')
    expect(describeFailure(odd)).toMatchObject({ network: 'other' })
    expect(describeFailure(error('TypeError', 'x is not a function'))).toMatchObject({ network: 'other' })
  })

  it('by the first of several addresses', () => {
    const refused = error('Error', 'connect ECONNREFUSED ::1:443', { code: 'ECONNREFUSED' })
    expect(describeFailure(new AggregateError([refused]))).toMatchObject({ network: 'refused' })
  })

  it('as a fault of the request or the configuration when no connection was asked', () => {
    const fault = describeFailure(error('TypeError', 'Invalid URL', { code: 'ERR_INVALID_URL' }), false)
    expect(fault).toEqual({ name: 'TypeError', message: 'Invalid URL', beforeSending: true })
    const refused = describeFailure(error('Error', 'x', { beforeSending: true }))
    expect(refused).toMatchObject({ beforeSending: true })
    expect(refused.network).toBeUndefined()
  })

  it('as a network failure when the operating system refused the connection', () => {
    const full = error('Error', 'too many open files', { code: 'EMFILE', errno: -24 })
    expect(describeFailure(full, false)).toMatchObject({ network: 'other' })
  })

  it('with the state of our connections', () => {
    const facts = { network: 'timeout', connect: 'tls', endpoint: 'bedrock.example.com:443' }
    expect(describeFailure(error('ConnectError', 'why', facts))).toEqual({
      ...{ name: 'ConnectError', message: 'why' },
      ...facts,
    })
    const refused = error('Error', 'refused', { network: 'reset', unprocessed: true })
    expect(describeFailure(refused)).toMatchObject({ network: 'reset', unprocessed: true })
  })

  it('as cut when its answer had begun', () => {
    const cut = error('Error', 'x', { code: 'UND_ERR_SOCKET', $metadata: { httpStatusCode: 200 } })
    expect(describeFailure(cut)).toMatchObject({ network: 'cut', status: 200 })
  })

  it('neither as unreadable nor as cut when the answer is too large to hold', () => {
    const large = error('AnswerTooLarge', 'x', { $metadata: { httpStatusCode: 200 } })
    expect(describeFailure(large)).toEqual({ name: 'AnswerTooLarge', message: 'x', status: 200 })
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
    expect(describeFailure('odd')).toEqual({ name: 'Error', message: 'odd', network: 'other' })
  })
})
