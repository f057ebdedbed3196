import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  firstExtension,
  leaseInterval,
  sweepPause,
  triedAgainAfter,
} from '../../src/activate/lease-interval.ts'

const MINUTE = 60_000

describe('a lease', () => {
  it('is extended early where few jobs are held, so that a cancelled instance is noticed soon', () => {
    expect(leaseInterval(5 * MINUTE, 0)).toBe(10_000)
    expect(leaseInterval(5 * MINUTE, 2_000)).toBe(20_000)
  })

  it('never waits for longer than a third of its time, however many jobs are held', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 9 }), fc.nat(10 ** 7), (leaseMs, held) => {
        expect(leaseInterval(leaseMs, held)).toBeLessThanOrEqual(leaseMs / 3)
      }),
    )
  })

  it('that could not be extended is retried in time, however long the trouble lasts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 9 }), fc.nat(1_000), (leaseMs, troubles) => {
        expect(sweepPause(leaseMs, troubles, () => 1)).toBeLessThanOrEqual(triedAgainAfter(leaseMs))
      }),
    )
    expect(sweepPause(5 * MINUTE, 10, () => 1)).toBe(5_000)
  })

  it('that a task asks for is extended in time and never shortened', () => {
    expect(firstExtension(5 * MINUTE, 5 * MINUTE)).toBe((5 * MINUTE) / 3)
    expect(firstExtension(5 * MINUTE, 60 * MINUTE)).toBeCloseTo(60 * MINUTE - (2 / 3) * 5 * MINUTE)
    expect(firstExtension(5 * MINUTE, MINUTE)).toBe(MINUTE / 3)
  })
})
