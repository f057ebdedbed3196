import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeSpacedDelays } from '../../src/budgets/budget-refusal.ts'

const spacing = { gapMs: 50, leastMs: 1_000, mostMs: 20_000 }

describe('the retries of jobs that wait for the same budget', () => {
  it('are spaced out, the first soon', () => {
    const delay = makeSpacedDelays({ ...spacing, now: () => 1e6 })
    expect([delay('a'), delay('a'), delay('a'), delay('b')]).toEqual([1_000, 1_050, 1_100, 1_000])
  })

  it('start soon again when all jobs had theirs', () => {
    let now = 1e6
    const delay = makeSpacedDelays({ ...spacing, now: () => now })
    for (let job = 0; job < 100; job += 1) delay('a')
    now += 10_000
    expect(delay('a')).toBe(1_000)
  })

  it('stay between the shortest and the longest delay', () => {
    const asks = fc.array(fc.tuple(fc.nat(3_000), fc.constantFrom('a', 'b')), { maxLength: 1_000 })
    fc.assert(
      fc.property(asks, (times) => {
        let now = 0
        const delay = makeSpacedDelays({ ...spacing, now: () => now })
        for (const [laterMs, name] of times) {
          now += laterMs
          const delayMs = delay(name)
          expect(delayMs).toBeGreaterThanOrEqual(1_000)
          expect(delayMs).toBeLessThanOrEqual(20_000)
        }
      }),
    )
  })
})
