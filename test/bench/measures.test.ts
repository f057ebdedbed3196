import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Grant,
  grantedWithin,
  ratiosByWindow,
  secondsToRecover,
  type Use,
  usedShare,
} from '../../bench/pace/measures.ts'
import { median, percentile } from '../../bench/report/statistics.ts'

/** One use every `everyMs` from `fromMs` up to `toMs`. */
function every(everyMs: number, fromMs: number, toMs: number): Use[] {
  const count = Math.max(0, Math.ceil((toMs - fromMs) / everyMs))
  return Array.from({ length: count }, (_, index) => ({ atMs: fromMs + index * everyMs, amount: 1 }))
}

describe('the granted amount', () => {
  it('is the rate times its duration', () => {
    const grants = [
      { atMs: 0, perMinute: 600 },
      { atMs: 30_000, perMinute: 200 },
      { atMs: 60_000, perMinute: 900 },
    ]
    expect(grantedWithin(grants, { fromMs: 0, toMs: 90_000 })).toBeCloseTo(300 + 100 + 450)
    expect(grantedWithin(grants, { fromMs: 27_000, toMs: 33_000 })).toBeCloseTo(30 + 10)
  })

  it('is nothing before the first step and in an empty window', () => {
    const grants = [{ atMs: 10_000, perMinute: 600 }]
    expect(grantedWithin(grants, { fromMs: 0, toMs: 10_000 })).toBe(0)
    expect(grantedWithin(grants, { fromMs: 20_000, toMs: 20_000 })).toBe(0)
    expect(usedShare([], grants, { fromMs: 0, toMs: 10_000 })).toBeNull()
  })

  it('of two adjacent windows is the sum of both', () => {
    const step = fc.record({ atMs: fc.nat(100_000), perMinute: fc.nat(10_000) })
    const moment = fc.nat(120_000)
    fc.assert(
      fc.property(fc.array(step), moment, moment, moment, (steps, a, b, c) => {
        const grants: Grant[] = steps.sort((one, two) => one.atMs - two.atMs)
        const [fromMs = 0, middle = 0, toMs = 0] = [a, b, c].sort((one, two) => one - two)
        const parts =
          grantedWithin(grants, { fromMs, toMs: middle }) + grantedWithin(grants, { fromMs: middle, toMs })
        expect(grantedWithin(grants, { fromMs, toMs })).toBeCloseTo(parts)
      }),
    )
  })
})

describe('the used share', () => {
  it('adds up the amounts that arrived within the window', () => {
    const uses = [
      { atMs: 999, amount: 100 },
      { atMs: 1_000, amount: 4 },
      { atMs: 1_999, amount: 1 },
      { atMs: 2_000, amount: 100 },
    ]
    expect(usedShare(uses, [{ atMs: 0, perMinute: 600 }], { fromMs: 1_000, toMs: 2_000 })).toBeCloseTo(0.5)
  })
})

describe('the recovery time', () => {
  const grant = { atMs: 60_000, perMinute: 600 }
  const question = { grant, untilMs: 90_000, share: 0.9, forSeconds: 5 }

  it('is zero if use never fell', () => {
    expect(secondsToRecover({ ...question, uses: every(100, 0, 90_000) })).toBe(0)
  })

  it('ends when the quota is used again for the given seconds', () => {
    const uses = [...every(1_000, 60_000, 68_000), ...every(100, 68_000, 90_000)]
    const seconds = secondsToRecover({ ...question, uses })
    // A tenth less is enough: half a second of the five.
    expect(seconds).toBeGreaterThanOrEqual(7.25)
    expect(seconds).toBeLessThanOrEqual(8)
  })

  it('does not end with a single moment of full use', () => {
    const uses = [...every(1_000, 60_000, 90_000), ...every(20, 70_000, 70_400)]
    expect(secondsToRecover({ ...question, uses })).toBeNull()
  })

  it('is unknown if the next step comes first', () => {
    expect(secondsToRecover({ ...question, untilMs: 64_000, uses: every(100, 0, 90_000) })).toBeNull()
  })
})

describe('ratios by window', () => {
  it('cover every window that begins on a second', () => {
    const threes = every(300, 0, 60_000).map(({ atMs }) => atMs)
    const ones = every(900, 0, 60_000).map(({ atMs }) => atMs)
    const ratios = ratiosByWindow(threes, ones, { fromMs: 0, toMs: 60_000 }, 30_000)
    expect(ratios).toHaveLength(31)
    for (const ratio of ratios) expect(Math.abs(ratio - 3)).toBeLessThan(0.15)
  })

  it('show a short window in which the shares differed', () => {
    const threes = every(100, 0, 45_000).map(({ atMs }) => atMs)
    const ones = every(300, 0, 60_000).map(({ atMs }) => atMs)
    const ratios = ratiosByWindow(threes, ones, { fromMs: 0, toMs: 60_000 }, 30_000)
    expect(Math.max(...ratios)).toBeCloseTo(3)
    expect(Math.min(...ratios)).toBeCloseTo(1.5)
  })

  it('cover the whole run if it is shorter than a window, and are infinite if the other had nothing', () => {
    expect(ratiosByWindow([1, 2, 3], [2], { fromMs: 0, toMs: 10 }, 30_000)).toEqual([3])
    expect(ratiosByWindow([1], [], { fromMs: 0, toMs: 10 }, 30_000)).toEqual([Number.POSITIVE_INFINITY])
  })
})

describe('percentile', () => {
  it.each([
    [[], 0.99, null],
    [[5], 0.5, 5],
    [[3, 1, 2], 0, 1],
    [[3, 1, 2], 0.5, 2],
    [[3, 1, 2], 1, 3],
    [Array.from({ length: 100 }, (_, index) => index + 1), 0.99, 99],
  ])('of %j at %d is %j', (values, share, expected) => {
    expect(percentile(values, share)).toBe(expected)
  })

  it('is one of the values, with at least that share at or below it', () => {
    const values = fc.array(fc.integer(), { minLength: 1 })
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const found = percentile(all, share)
        expect(all).toContain(found)
        const notAbove = all.filter((value) => found !== null && value <= found)
        expect(notAbove.length).toBeGreaterThanOrEqual(share * all.length)
      }),
    )
  })
})

describe('median', () => {
  it.each([
    [[], null],
    [[2, 9, 1], 2],
    [[4, 1], 1],
    [[null, 3, 1], 3],
    [[null, 3, null], null],
  ])('of %j is %j: null means never, and sorts above all numbers', (values, expected) => {
    expect(median(values)).toBe(expected)
  })
})
