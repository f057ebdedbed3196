import { describe, expect, it } from 'vitest'
import { type OnOutage, type ResendRule, resendRule } from '../../src/connector/resend.ts'
import type { CallFailure } from '../../src/job/call-failure.ts'

const of = (name: string, status: number, message = 'm'): CallFailure => ({ name, status, message })
const network = (reason: NonNullable<CallFailure['network']>): CallFailure => ({
  ...{ name: 'Error', message: 'm', network: reason },
})
const NO_CREDENTIALS: CallFailure = { name: 'CredentialsProviderError', message: 'm', noCredentials: true }

const CASES: readonly (readonly [rule: ResendRule, stock: ResendRule, failure: CallFailure])[] = [
  // AWS did not execute it, and would not have executed any other call.
  ['outage', 'transient', { ...network('refused'), connect: 'tcp' }],
  ['outage', 'transient', { ...network('timeout'), connect: 'tcp' }],
  ['outage', 'transient', { ...network('unknownHost'), connect: 'lookup' }],
  ['outage', 'transient', { ...network('other'), connect: 'tls' }],
  ['outage', 'transient', { ...network('other'), connect: 'proxy', status: 502 }],
  ['outage', 'transient', network('refused')],
  ['outage', 'transient', network('unknownHost')],
  ['outage', 'transient', { ...network('reset'), unprocessed: true }],
  ['outage', 'final', NO_CREDENTIALS],
  ['outage', 'transient', of('ServiceUnavailableException', 503)],
  ['outage', 'transient', of('Unknown', 503)],
  ['outage', 'transient', { ...of('SyntaxError', 503), unreadable: true }],
  ['outage', 'transient', of('Unknown', 503, 'Too many connections, please wait before trying again.')],
  ['outage', 'transient', of('ThrottlingException', 429, 'Too many connections, please wait.')],
  ['outage', 'transient', of('ModelNotReadyException', 429)],
  ['outage', 'transient', of('ModelNotReadyException', 400)],
  // AWS wants fewer calls, in any wording.
  ['throttle', 'throttle', of('ThrottlingException', 429)],
  ['throttle', 'throttle', of('ThrottlingException', 400)],
  ['throttle', 'throttle', of('ThrottlingException', 503)],
  ['throttle', 'throttle', of('SlowDown', 503)],
  ['throttle', 'throttle', of('SomethingNew', 429)],
  ['throttle', 'throttle', of('Throttled', 400)],
  ['throttle', 'throttle', of('RateLimitExceeded', 403)],
  ['throttle', 'throttle', of('Unknown', 400, 'Rate exceeded')],
  ['throttle', 'throttle', of('AccessDeniedException', 403, 'Rate limit exceeded for the account')],
  ['throttle', 'throttle', of('ModelErrorException', 424, 'Your request was throttled. Try again.')],
  ['throttle', 'throttle', of('InternalServerException', 500, 'Too many requests, please wait.')],
  ['throttle', 'throttle', of('ValidationException', 400, 'Too many tokens per day, please wait.')],
  ['throttle', 'throttle', of('Unknown', 400, 'You have exceeded your request rate.')],
  ['throttle', 'final', of('ServiceQuotaExceededException', 400)],
  // It may have been executed.
  ['transient', 'transient', network('reset')],
  ['transient', 'transient', network('timeout')],
  ['transient', 'transient', network('cut')],
  ['transient', 'transient', network('other')],
  ['transient', 'transient', { name: 'TypeError', message: 'nobody knows this one' }],
  ['transient', 'transient', of('InternalServerException', 500)],
  ['transient', 'transient', of('Unknown', 502)],
  ['transient', 'transient', of('Unknown', 504)],
  ['transient', 'transient', { ...of('SyntaxError', 200), unreadable: true }],
  ['transient', 'transient', { ...of('Error', 200), network: 'cut' }],
  // The same call would fail the same way, or was already paid.
  ['final', 'final', { ...network('timeout'), timedOutAfterMs: 1_000 }],
  ['final', 'final', { ...network('refused'), name: 'AbortError' }],
  ['final', 'final', { name: 'TypeError', message: 'a fault of the request', beforeSending: true }],
  ['final', 'final', { ...of('SyntaxError', 403), unreadable: true }],
  ['final', 'final', of('AnswerTooLarge', 200)],
  ['final', 'final', of('ValidationException', 400)],
  ['final', 'final', of('ValidationException', 400, 'Too many tokens in the request')],
  ['final', 'final', of('ValidationException', 400, 'Too many input tokens. Max input tokens: 8192')],
  ['final', 'final', of('ValidationException', 400, 'Input is too long for requested model.')],
  [
    'final',
    'final',
    of('ValidationException', 400, 'The maximum tokens you requested exceeds the model limit.'),
  ],
  [
    'final',
    'final',
    of('ValidationException', 400, 'Malformed input: key [throttled] "is throttled" unknown'),
  ],
  ['final', 'final', of('ValidationException', 400, 'with on-demand throughput isn’t supported')],
  ['final', 'final', of('ValidationException', 400, 'the sample rate exceeds 48000')],
  ['final', 'final', of('AccessDeniedException', 403)],
  ['final', 'final', of('ResourceNotFoundException', 404)],
  ['final', 'final', of('ModelTimeoutException', 408)],
  ['final', 'final', of('ModelErrorException', 424)],
]

describe('a failed call', () => {
  it.each(CASES)('is %s, and %s if outages count as attempts: %o', (rule, stock, failure) => {
    const rules: readonly OnOutage[] = ['wait', 'fail']
    expect(rules.map((onOutage) => resendRule(failure, onOutage))).toEqual([rule, stock])
  })
})
