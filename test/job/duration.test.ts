import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../src/job/duration.ts'

describe('parseDuration', () => {
  // Each expectation was observed with java.time.Duration (JDK 25).
  it.each([
    ['PT0S', 0],
    ['PT5M', 300_000],
    ['PT0.5S', 500],
    ['PT0,25S', 250],
    ['PT5.S', 5000],
    ['P1D', 86_400_000],
    ['P1DT2H3M4.005S', 93_784_005],
    ['pt5m', 300_000],
    ['PT5M-30S', 270_000],
    ['PT-5S', -5000],
    ['-PT5S', -5000],
    ['-PT-0.5S', 500],
    ['+PT+5S', 5000],
    ['PT-0.5S', -500],
    ['P1Dt', 86_400_000],
    ['PT0000000000000000000000005S', 5000],
  ])('%s is %d ms', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds)
  })

  it.each([
    '',
    'P',
    'PT',
    'P1DT',
    '5M',
    'T5M',
    'PT5',
    'P1W',
    'P1M',
    'P1Y',
    'PT.5S',
    'PT0.5M',
    'PT1.1234567891S',
    ' PT5S',
    'PT5S ',
    'PT5S\n',
    'PT5S5M',
    'PT٥S',
  ])('%j is no duration', (text) => {
    expect(parseDuration(text)).toBeNull()
  })

  it('a part of a millisecond is cut towards zero', () => {
    expect(parseDuration('PT0.0019S')).toBe(1)
    expect(parseDuration('PT-0.0019S')).toBe(-1)
    expect(parseDuration('PT-0.0009S')).toBe(0)
  })

  it('a value beyond a 64-bit number of seconds, or beyond 2^53 - 1 ms, is no duration', () => {
    expect(parseDuration('PT9223372036854775808S')).toBeNull()
    expect(parseDuration('P106751991167301D')).toBeNull()
    expect(parseDuration('PT9223372036854775807S')).toBeNull()
    expect(parseDuration(`PT${'9'.repeat(1_000_000)}S`)).toBeNull()
    expect(parseDuration('PT9007199254740.991S')).toBe(Number.MAX_SAFE_INTEGER)
    expect(parseDuration('PT9007199254740.992S')).toBeNull()
  })
})

describe('formatDuration', () => {
  it.each([
    [0, 'PT0S'],
    [500, 'PT0.5S'],
    [1, 'PT0.001S'],
    [300_000, 'PT5M'],
    [86_400_000, 'PT24H'],
    [3_661_010, 'PT1H1M1.01S'],
    [-500, 'PT-0.5S'],
    [-61_500, 'PT-1M-1.5S'],
  ])('%d ms is %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text)
  })

  it('what it writes reads back as the same number', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds)
      }),
    )
  })
})
