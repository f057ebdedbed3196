import { expect, it } from 'vitest'
import { paceEnd } from '../../src/execute/pace-end.ts'

const throttled = { name: 'ThrottlingException', status: 429 }

it.each([
  ['throttle', { ...throttled, message: 'Too many requests, please wait before trying again.' }],
  ['tokenThrottle', { ...throttled, message: 'Too many tokens, please wait before trying again.' }],
  ['quota', { ...throttled, message: 'Too many tokens per day, please wait before trying again.' }],
  ['quota', { name: 'ServiceQuotaExceededException', status: 400, message: '' }],
  ['overload', { name: 'ServiceUnavailableException', status: 503, message: '' }],
  ['overload', { name: 'ModelTimeoutException', status: 408, message: '' }],
  ['overload', { name: 'TimeoutError', message: '', timedOutAfterMs: 1_000 }],
  ['failure', { name: 'InternalServerException', status: 500, message: '' }],
  ['failure', { name: 'Error', network: 'refused' as const, message: '' }],
  ['ok', { name: 'ValidationException', status: 400, message: 'Too many tokens in the request' }],
  ['unknown', { name: 'AbortError', message: '' }],
  ['unknown', { name: 'CredentialsProviderError', noCredentials: true, message: '' }],
])('%s is what the pace makes of %o', (end, failure) => {
  expect(paceEnd(failure)).toBe(end)
})
