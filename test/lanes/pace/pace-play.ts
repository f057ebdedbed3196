// Random courses of a lane: how much time passes, and what the calls that end then came to.
import fc from 'fast-check'
import type { PaceEnd } from '../../../src/lanes/pace/lane-pace.ts'
import type { PlayedCall } from './model/lane-pace.ts'

/** A call of which nothing is known. */
export const NOTHING: PlayedCall = {
  end: 'unknown',
  sentAt: 0,
  reserved: 0,
  used: null,
  retryAfterMs: 0,
  inFlight: 1,
}

export interface Move {
  readonly afterMs: number
  /** How long before it ended the call was sent. */
  readonly tookMs: number
  readonly call: PlayedCall
}

const ENDS: readonly PaceEnd[] = [
  'ok',
  'throttle',
  'tokenThrottle',
  'outage',
  'unavailable',
  'overload',
  'failure',
  'quota',
  'refused',
  'unknown',
]

/** The calls' `sentAt` is left to whoever plays. Failures come in runs, since it is several in a row that stop a lane. */
export function play(): fc.Arbitrary<readonly Move[]> {
  const call = fc.record({
    end: fc.oneof(fc.constantFrom(...ENDS), fc.constantFrom<PaceEnd>('outage', 'unavailable', 'failure')),
    sentAt: fc.constant(0),
    reserved: fc.integer({ min: 0, max: 5_000 }),
    used: fc.option(fc.integer({ min: 0, max: 5_000 })),
    retryAfterMs: fc.constantFrom(0, 0, 0, 500, 5_000),
    inFlight: fc.integer({ min: 1, max: 50 }),
  })
  const tookMs = fc.constantFrom(0, 0, 0, 20, 1_000, 20_000)
  return fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 3_000 }), tookMs, call }), { maxLength: 60 })
}
