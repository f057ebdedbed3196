import { expect, it } from 'vitest'
import { longQuota } from '../../src/job/long-quota.ts'

const throttled = (message: string) => ({ name: 'ThrottlingException', message })

it.each([
  ['the tokens per day are used up', throttled('Too many tokens per day, please wait before trying again.')],
  ['the quota of the day is used up', throttled('Too many requests per day.')],
  [
    'a quota of the account is used up',
    { name: 'ServiceQuotaExceededException', message: 'Your request exceeds the service quota.' },
  ],
  [null, throttled('Too many tokens, please wait before trying again.')],
])('%s: %o', (quota, failure) => {
  expect(longQuota(failure)).toBe(quota)
})
