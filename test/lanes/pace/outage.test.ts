import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PaceEnd } from '../../../src/lanes/pace/lane-pace.ts'
import { type Ceiling, freshPace, type PaceState } from '../../../src/lanes/pace/pace-state.ts'
import { elapse, reserve, settle } from './model/lane-pace.ts'
import { NOTHING, play } from './pace-play.ts'

const START = 1_700_000_000_000
const QUOTA: Ceiling = { requestsPerMinute: 60_000, tokensPerMinute: null, burstSeconds: 10 }

const ended = (state: PaceState, end: PaceEnd, sentAt = state.at) =>
  settle(state, QUOTA, { ...NOTHING, end, sentAt })
const later = (state: PaceState, ms: number) => elapse(state, state.at + ms, QUOTA)

/** Fails `times` calls at once. */
function failing(times: number, end: PaceEnd): PaceState {
  return Array.from({ length: times }).reduce<PaceState>(
    (state) => ended(state, end),
    freshPace(START, QUOTA),
  )
}

/** Calls that may be sent within `ms`, each of which fails at once. */
function sentWithin(state: PaceState, ms: number, end: PaceEnd): number {
  let sent = 0
  for (let at = state; at.at < state.at + ms; ) {
    const { state: next, decision } = reserve(at, QUOTA, 0)
    if (decision.kind === 'go') sent += 1
    at = decision.kind === 'go' ? ended(next, end) : later(next, Math.max(1, Math.ceil(decision.waitMs)))
  }
  return sent
}

describe('a lane whose calls all fail', () => {
  it.each([
    ['outage', 3],
    ['unavailable', 5],
    ['failure', 5],
    ['overload', 5],
  ] as const)('stops: %s, %d times in a row', (end, times) => {
    expect(failing(times - 1, end).outageSince).toBe(0)
    const stopped = failing(times, end)
    expect(stopped.outageSince).toBe(START)
    expect(reserve(stopped, QUOTA, 0).decision).toMatchObject({ kind: 'wait', reason: 'outage' })
  })

  it.each([
    ['outage', 15],
    ['unavailable', 15],
    ['failure', 50],
    ['overload', 50],
  ] as const)('sends few calls in 40 s: %s, at most %d', (end, most) => {
    const sent = sentWithin(freshPace(START, QUOTA), 40_000, end)
    expect(sent).toBeLessThanOrEqual(most)
    expect(sent).toBeGreaterThan(6)
  })

  it('is tried less often the longer the outage lasts, also if its calls count as attempts', () => {
    expect(sentWithin(freshPace(START, QUOTA), 3_600_000, 'failure')).toBeLessThan(450)
  })

  it('is tried at the latest 15 s after the last try, however long the outage lasts', () => {
    let state = failing(20, 'outage')
    for (let times = 0; times < 20; times += 1) {
      const { decision } = reserve(state, QUOTA, 0)
      if (decision.kind !== 'wait') throw new Error('it is to wait')
      expect(decision.waitMs).toBeLessThanOrEqual(15_000)
      state = ended(reserve(later(state, Math.ceil(decision.waitMs)), QUOTA, 0).state, 'outage')
    }
  })

  it('does not extend its wait for calls that were sent before it stopped', () => {
    const stopped = failing(3, 'outage')
    const soon = later(stopped, 400)
    const told = Array.from({ length: 100 }).reduce<PaceState>((at) => ended(at, 'outage', START - 10), soon)
    expect(told.outageUntil).toBe(stopped.outageUntil)
  })
})

describe('a lane that tries again', () => {
  const stopped = failing(3, 'outage')
  const due = later(stopped, 2_000)
  const tried = reserve(due, QUOTA, 0)

  it('sends one call, alone until it ends', () => {
    expect(tried.decision).toEqual({ kind: 'go' })
    expect(reserve(later(tried.state, 5_000), QUOTA, 0).decision).toMatchObject({ reason: 'outage' })
  })

  it.each(['ok', 'throttle', 'tokenThrottle'] as const)('goes on with any answer: %s', (end) => {
    const open = ended(later(tried.state, 500), end, tried.state.at)
    expect(open).toMatchObject({ outageSince: 0, outageUntil: 0, outageMs: 0, failures: 0 })
    expect(reserve(later(open, 1_000), QUOTA, 0).decision).toEqual({ kind: 'go' })
  })

  it('goes on as fast as before', () => {
    const open = ended(tried.state, 'ok')
    expect(open.pace).toBe(stopped.pace)
  })

  it('is not opened by an answer to an earlier call', () => {
    expect(ended(tried.state, 'ok', START - 1).outageSince).toBe(START)
  })

  it('lets other calls follow a trial that exceeds the time of connecting, as when its worker died', () => {
    const waited = later(tried.state, 12_000)
    const second = reserve(waited, QUOTA, 0)
    expect(second.decision).toEqual({ kind: 'go' })
    expect(reserve(later(second.state, 1_000), QUOTA, 0).decision).toEqual({ kind: 'go' })
  })

  it('tries another call at once when the trial is abandoned', () => {
    const given = ended(later(tried.state, 100), 'unknown', tried.state.at)
    expect(reserve(given, QUOTA, 0).decision).toEqual({ kind: 'go' })
  })
})

describe('a busy lane', () => {
  it('is not stopped by failures among successes', () => {
    let state = freshPace(START, QUOTA)
    for (let times = 0; times < 100; times += 1) {
      state = ended(later(state, 10), times % 4 === 0 ? 'ok' : times % 2 === 0 ? 'unavailable' : 'failure')
      expect(state.outageSince).toBe(0)
    }
  })
})

describe('whatever happens', () => {
  it('an outage ends with an answer, and the next try comes within 15 s and a cooldown', () => {
    fc.assert(
      fc.property(play(), (moves) => {
        let state = freshPace(START, QUOTA)
        for (const { afterMs, tookMs, call } of moves) {
          const { state: asked, decision } = reserve(later(state, afterMs), QUOTA, 0)
          if (decision.kind === 'wait' && decision.reason === 'outage') {
            expect(decision.waitMs).toBeLessThanOrEqual(Math.max(15_000, asked.coolUntil - asked.at))
          }
          state = settle(asked, QUOTA, { ...call, sentAt: asked.at - tookMs })
        }
        expect(ended(state, 'ok').outageSince).toBe(0)
      }),
    )
  })
})
