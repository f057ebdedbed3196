import { describe, expect, it } from 'vitest'
import { describeFailure } from '../../src/aws/call-failure.ts'
import { type CallPlace, outageWhy, paceEnd } from '../../src/execute/pace-end.ts'
import type { CallFailure } from '../../src/job/call-failure.ts'
import type { PaceEnd } from '../../src/lanes/pace/lane-pace.ts'

const throttled = { name: 'ThrottlingException', status: 429 }
const HOME: CallPlace = { onOutage: 'wait', ownEndpoint: false, ownCredential: false, routed: false }
const refused = { name: 'Error', network: 'refused', connect: 'tcp', message: '' } as const
const noCredentials = { name: 'CredentialsProviderError', noCredentials: true, message: '' } as const
const absent = {
  name: 'ValidationException',
  status: 400,
  message: 'The provided model identifier is invalid.',
}

const CASES: readonly (readonly [end: PaceEnd, counted: PaceEnd, failure: CallFailure])[] = [
  ['throttle', 'throttle', { ...throttled, message: 'Too many requests, please wait before trying again.' }],
  [
    'tokenThrottle',
    'tokenThrottle',
    { ...throttled, message: 'Too many tokens, please wait before trying again.' },
  ],
  ['quota', 'quota', { ...throttled, message: 'Too many tokens per day, please wait before trying again.' }],
  ['refused', 'refused', { name: 'UnrecognizedClientException', status: 403, message: '' }],
  ['refused', 'refused', { name: 'InvalidSignatureException', status: 403, message: '' }],
  ['refused', 'refused', { name: 'ExpiredTokenException', status: 403, message: '' }],
  ['refused', 'refused', { name: 'IncompleteSignatureException', status: 400, message: '' }],
  ['ok', 'ok', { name: 'AccessDeniedException', status: 403, message: '' }],
  ['quota', 'quota', { name: 'ServiceQuotaExceededException', status: 400, message: '' }],
  ['outage', 'failure', refused],
  ['outage', 'failure', { name: 'Error', network: 'unknownHost', message: '' }],
  ['outage', 'failure', { name: 'Error', network: 'other', connect: 'tls', message: '' }],
  ['outage', 'unknown', noCredentials],
  ['failure', 'failure', { name: 'Error', network: 'reset', unprocessed: true, message: '' }],
  ['unavailable', 'overload', { name: 'ServiceUnavailableException', status: 503, message: '' }],
  ['unavailable', 'ok', { name: 'ModelNotReadyException', status: 429, message: '' }],
  ['overload', 'overload', { name: 'ModelTimeoutException', status: 408, message: '' }],
  ['overload', 'overload', { name: 'TimeoutError', message: '', timedOutAfterMs: 1_000 }],
  ['failure', 'failure', { name: 'InternalServerException', status: 500, message: '' }],
  ['failure', 'failure', { name: 'Error', network: 'reset', message: '' }],
  ['failure', 'failure', { name: 'Error', message: 'nobody knows this one' }],
  ['ok', 'ok', { name: 'ValidationException', status: 400, message: 'Too many tokens in the request' }],
  ['ok', 'ok', absent],
  ['unknown', 'unknown', { name: 'AbortError', message: '' }],
  ['unknown', 'unknown', { name: 'TypeError', beforeSending: true, message: '' }],
]

describe('the result of a call for the pace', () => {
  it.each(CASES)('is %s, or %s if outages count, after %o', (end, counted, failure) => {
    expect(paceEnd(failure, HOME)).toBe(end)
    expect(paceEnd(failure, { ...HOME, onOutage: 'fail' })).toBe(counted)
  })

  it('is nothing for the lane if a task names its own endpoint', () => {
    for (const failure of [refused, { name: 'Error', status: 503, message: '' }]) {
      expect(paceEnd(failure, { ...HOME, ownEndpoint: true })).toBe('unknown')
    }
  })

  it('is nothing for the lane if only a task’s or a rule’s credentials are missing', () => {
    const failure = { name: 'CredentialsProviderError', message: '', noCredentials: true }
    expect(paceEnd(failure, HOME)).toBe('outage')
    expect(paceEnd(failure, { ...HOME, ownCredential: true })).toBe('unknown')
    expect(paceEnd(refused, { ...HOME, ownCredential: true })).toBe(paceEnd(refused, HOME))
  })

  it('is not a success if a route’s lane lacks the model', () => {
    expect(paceEnd(absent, { ...HOME, routed: true })).toBe('unknown')
  })

  // What Node gives for a way that is broken: plain, and below an error of HTTP/2.
  const codes = [
    ...[
      'EHOSTUNREACH',
      'ENETUNREACH',
      'ENETDOWN',
      'EADDRNOTAVAIL',
      'ECONNABORTED',
      'EPROTO',
      'EMFILE',
      'ECONNRESET',
    ],
    ...[
      'EAI_FAIL',
      'CERT_HAS_EXPIRED',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'EPIPE',
    ],
    ...['ERR_HTTP2_OUT_OF_STREAMS', 'ERR_HTTP2_PING_CANCEL', 'ERR_HTTP2_ERROR', 'ERR_NOBODY_KNOWS'],
  ]
  it.each(codes)('is never an answer after %s, by itself or as a cause', (code) => {
    const plain = Object.assign(new Error('m'), { code })
    const wrapped = Object.assign(new Error('m'), { code: 'ERR_HTTP2_STREAM_CANCEL', cause: plain })
    for (const error of [plain, wrapped]) {
      expect(['failure', 'outage']).toContain(paceEnd(describeFailure(error), HOME))
    }
  })
})

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
