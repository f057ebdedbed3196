import { describe, expect, it } from 'vitest'
import { readPaceChange } from '../../src/dashboard/read-change.ts'

describe('a change of pace', () => {
  it.each([
    ['{"requestsPerMinute":100}', { requestsPerMinute: 100 }],
    ['{"tokensPerMinute":null,"concurrency":8}', { tokensPerMinute: null, concurrency: 8 }],
  ])('is read from %s', (text, change) => {
    expect(readPaceChange(text)).toEqual({ change, problem: null })
  })

  it.each([
    ['', 'not a JSON object'],
    ['[1]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['{}', 'names no figure'],
    ['{"rpm":1}', '"rpm" is no figure of a pace'],
    ['{"draining":true}', '"draining" is no figure of a pace'],
    ['{"__proto__":1}', '"__proto__" is no figure of a pace'],
    ['{"requestsPerMinute":0}', 'requestsPerMinute is not such a number'],
    ['{"requestsPerMinute":-5}', 'requestsPerMinute is not such a number'],
    ['{"concurrency":1.5}', 'concurrency is not such a number'],
    ['{"concurrency":"5"}', 'concurrency is not such a number'],
    ['{"concurrency":1e12}', 'concurrency is not such a number'],
  ])('with %s is refused', (text, problem) => {
    expect(readPaceChange(text)).toEqual({ change: null, problem: expect.stringContaining(problem) })
  })
})
