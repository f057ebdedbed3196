import { describe, expect, test } from 'vitest'
import { checkHeaders } from '../../src/connector/headers.ts'
import { patienceOf } from '../../src/execute/overdue.ts'
import { ownMaxWait } from '../../src/job/max-wait.ts'

const headersOf = (maxWait: unknown) => JSON.stringify({ 'quarry.maxWait': maxWait })
const HOUR_MS = 3_600_000

describe('the task header quarry.maxWait', () => {
  test.each([
    ['PT3S', 3_000],
    ['pt0.5s', 500],
    [' PT30M ', 1_800_000],
    ['P1D', 86_400_000],
  ])('limits the wait by an ISO-8601 duration: %s', (text, ms) => {
    expect(ownMaxWait(headersOf(text))).toEqual({ ms, text: text.trim() })
    expect(checkHeaders({ 'quarry.maxWait': text }, '8.9')).toBeNull()
  })

  test.each(['', '  ', null, 3])('is ignored if it is not text: %j', (text) => {
    expect(ownMaxWait(headersOf(text))).toBeNull()
  })

  test('is ignored in headers that cannot be read', () => {
    expect(ownMaxWait('quarry.maxWait')).toBeNull()
    expect(ownMaxWait('{}')).toBeNull()
  })

  test.each(['3', 'PT', '3s', 'PT-3S', '-PT3S', 'PT0S', 'PT0.0004S', 'P1M', '=maxWait'])(
    'without a positive duration is an input error that names it, with no retries: %s',
    (text) => {
      expect(ownMaxWait(headersOf(text))).toBeNull()
      expect(checkHeaders({ 'quarry.maxWait': text, retryBackoff: 'PT5M' }, '8.8')).toEqual({
        type: 'io.camunda.connector.api.error.ConnectorInputException',
        input: true,
        retryBackoffMs: 0,
        message: `Task header quarry.maxWait must be a positive ISO-8601 duration, e.g. PT30S, got: ${text}`,
      })
    },
  )
})

describe('the patience of a job', () => {
  test.each([
    ['PT3S', 3_000, 'the task header quarry.maxWait (PT3S)'],
    ['PT59M', 3_540_000, 'the task header quarry.maxWait (PT59M)'],
    ['PT1H', HOUR_MS, 'QUARRY_MAX_WAIT (PT1H)'],
    ['P1D', HOUR_MS, 'QUARRY_MAX_WAIT (PT1H)'],
    ['nonsense', HOUR_MS, 'QUARRY_MAX_WAIT (PT1H)'],
    ['', HOUR_MS, 'QUARRY_MAX_WAIT (PT1H)'],
  ])('is the smaller of header and setting, and messages name that one: %s', (text, ms, by) => {
    expect(patienceOf({ customHeaders: headersOf(text) }, HOUR_MS)).toEqual({ ms, by })
  })
})
