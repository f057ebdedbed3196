import { expect, test } from 'vitest'
import { bindRequest } from '../../src/connector/bind-request.ts'
import { laneInputs } from '../../src/connector/lane-inputs.ts'
import { hasTooManyValues, MOST_VALUES, readingUnits } from '../../src/connector/value-count.ts'
import { LARGE_UNITS } from '../../src/job/large-job.ts'
import { invoke } from './bound-documents.ts'

const items = (count: number, item: unknown) => Array.from({ length: count }, () => item)

test.each([1, {}, [], '"', 'a,[{"', null])('no character inside %j is mistaken for another value', (item) => {
  const nested = item !== null && typeof item === 'object' ? 2 : 1
  const most = Math.floor((MOST_VALUES - 10) / nested)
  expect(hasTooManyValues(JSON.stringify(items(most, item)))).toBe(false)
  expect(hasTooManyValues(JSON.stringify(items(MOST_VALUES + 10, item)))).toBe(true)
})

test('a text of any length is one value', () => {
  expect(hasTooManyValues(JSON.stringify('[{,"'.repeat(1_000_000)))).toBe(false)
})

test('a job with too many values is an input error without a lane, and is not parsed', () => {
  const variables = JSON.stringify(invoke({ list: items(MOST_VALUES, {}) }))
  expect(bindRequest(variables, { compatibility: '8.9' })).toMatchObject({
    ok: false,
    error: { input: true, message: expect.stringMatching(/more than 200,000 values/) },
  })
  expect(laneInputs(variables, '8.9')).toEqual({ region: null, modelId: null, credential: null })
})

test('counting many short values takes as long as counting one long text', () => {
  expect(readingUnits(JSON.stringify({ text: 'x,[{'.repeat(10_000) }))).toBeLessThan(LARGE_UNITS)
  expect(readingUnits(`[${'1.0,'.repeat(3_000)}1]`)).toBeGreaterThan(LARGE_UNITS)
  expect(readingUnits(' '.repeat(LARGE_UNITS))).toBe(LARGE_UNITS)
})
