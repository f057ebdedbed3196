import { describe, expect, it } from 'vitest'
import { readPaceChange } from '../../src/dashboard/read-change.ts'

describe('a change of pace', () => {
  it.each([
    ['{"requestsPerMinute":100}', { requestsPerMinute: 100 }],
    ['{"tokensPerMinute":null,"concurrency":8}', { tokensPerMinute: null, concurrency: 8 }],
  ])('is read of %s', (text, change) => {
    expect(readPaceChange(text)).toEqual({ change, problem: null })
  })

  it.each([
    ['', 'not a JSON object'],
    ['[1]', 'not a JSON object'],
    ['null', 'not a JSON object'],
    ['{}', 'changes nothing'],
    ['{"rpm":1}', 'There is no "rpm" in a pace'],
    ['{"draining":true}', 'There is no "draining" in a pace'],
    ['{"__proto__":1}', 'There is no "__proto__" in a pace'],
    ['{"requestsPerMinute":0}', 'requestsPerMinute is no such number'],
    ['{"requestsPerMinute":-5}', 'requestsPerMinute is no such number'],
    ['{"concurrency":1.5}', 'concurrency is no such number'],
    ['{"concurrency":"5"}', 'concurrency is no such number'],
    ['{"concurrency":1e12}', 'concurrency is no such number'],
  ])('is refused of %s', (text, problem) => {
    expect(readPaceChange(text)).toEqual({ change: null, problem: expect.stringContaining(problem) })
  })
})
