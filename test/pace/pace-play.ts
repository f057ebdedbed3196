// Random courses of a lane: how much time passes, and what the calls that end then came to.
import fc from 'fast-check'
import type { EndedCall, PaceEnd } from '../../src/pace/lane-pace.ts'

/** A call of which nothing is known. */
export const NOTHING: EndedCall = {
  end: 'unknown',
  sentAt: 0,
  reserved: 0,
  used: null,
  retryAfterMs: 0,
  inFlight: 1,
}

export interface Move {
  readonly afterMs: number
  readonly call: EndedCall
}

const ENDS: readonly PaceEnd[] = [
  'ok',
  'throttle',
  'tokenThrottle',
  'overload',
  'failure',
  'quota',
  'unknown',
]

/** The calls' `sentAt` is left to whoever plays. */
export function play(): fc.Arbitrary<readonly Move[]> {
  const call = fc.record({
    end: fc.constantFrom(...ENDS),
    sentAt: fc.constant(0),
    reserved: fc.integer({ min: 0, max: 5_000 }),
    used: fc.option(fc.integer({ min: 0, max: 5_000 })),
    retryAfterMs: fc.constantFrom(0, 0, 0, 500, 5_000),
    inFlight: fc.integer({ min: 1, max: 50 }),
  })
  return fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 3_000 }), call }), { maxLength: 60 })
}
