import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIRST_PACE, LEAST_PACE } from '../../../src/lanes/pace/pace-constants.ts'
import { type Ceiling, freshPace, mostRequests, type PaceState } from '../../../src/lanes/pace/pace-state.ts'
import { elapse, reserve, settle } from './model/lane-pace.ts'
import { NOTHING, play } from './pace-play.ts'
import { makeQuotaServer, send } from './quota-server.ts'

const START = 1_700_000_000_000
const QUOTA: Ceiling = { requestsPerMinute: 600, tokensPerMinute: null, burstSeconds: 1 }
const TOKENS: Ceiling = { requestsPerMinute: null, tokensPerMinute: 60_000, burstSeconds: 1 }

/** Lets go all that may go at a time. */
function drain(state: PaceState, ceiling: Ceiling, tokens: number): { state: PaceState; sent: number } {
  let sent = 0
  for (let at = state; ; sent += 1) {
    const asked = reserve(at, ceiling, tokens)
    if (asked.decision.kind === 'wait') return { state: at, sent }
    at = asked.state
  }
}

describe('a lane with a quota', () => {
  it('never sends more than its quota and its burst, whatever happens', () => {
    fc.assert(
      fc.property(play(), fc.integer({ min: 1, max: 6_000 }), (moves, requestsPerMinute) => {
        const ceiling = { ...QUOTA, requestsPerMinute }
        const rate = mostRequests(ceiling)
        let state = freshPace(START, ceiling)
        let now = START
        let sent = 0
        for (const { afterMs, call } of moves) {
          now += afterMs
          const drained = drain(elapse(state, now, ceiling), ceiling, 0)
          sent += drained.sent
          state = settle(drained.state, ceiling, { ...call, sentAt: now })
          // One whose credential AWS does not take is counted to no quota.
          if (call.end === 'refused') sent -= 1
          expect(sent).toBeLessThanOrEqual((rate * (now - START)) / 1_000 + Math.max(1, rate / 2) + 1e-6)
          expect(state.pace).toBeLessThanOrEqual(rate + 1e-9)
          expect(state.pace).toBeGreaterThanOrEqual(Math.min(rate, LEAST_PACE))
        }
      }),
    )
  })

  it('gives exactly the time of the next possible send', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60_000 }), (requestsPerMinute) => {
        const ceiling = { ...QUOTA, requestsPerMinute }
        const { state } = drain(freshPace(START, ceiling), ceiling, 0)
        const { decision } = reserve(state, ceiling, 0)
        if (decision.kind !== 'wait') throw new Error('it may send')
        const due = reserve(elapse(state, START + Math.ceil(decision.waitMs + 1e-6), ceiling), ceiling, 0)
        expect(due.decision).toEqual({ kind: 'go' })
        if (decision.waitMs < 2) return
        const early = reserve(elapse(state, START + Math.floor(decision.waitMs - 1), ceiling), ceiling, 0)
        expect(early.decision.kind).toBe('wait')
      }),
    )
  })

  it('follows a raised and a lowered quota at once', () => {
    const slow = elapse(freshPace(START, QUOTA), START + 1_000, { ...QUOTA, requestsPerMinute: 60 })
    expect(slow.pace).toBeCloseTo(0.99)
    expect(elapse(slow, START + 1_001, { ...QUOTA, requestsPerMinute: 6_000 }).pace).toBeCloseTo(99)
  })
})

describe('tokens', () => {
  it('are never reserved beyond the quota, except for the debt of one call', () => {
    const costs = fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 5_000 })), {
      minLength: 1,
      maxLength: 100,
    })
    fc.assert(
      fc.property(costs, (asked) => {
        let state = { ...freshPace(START, TOKENS), pace: 1_000, level: 500 }
        let now = START
        let reserved = 0
        for (const [afterMs, tokens] of asked) {
          now += afterMs
          const next = reserve(elapse(state, now, TOKENS), TOKENS, tokens)
          if (next.decision.kind === 'go') reserved += tokens
          state = next.state
          expect(reserved).toBeLessThanOrEqual(990 + (990 * (now - START)) / 1_000 + 5_000)
        }
      }),
    )
  })

  it('that were not used are returned, and those used beyond the reservation are a debt', () => {
    const state = reserve(freshPace(START, TOKENS), TOKENS, 900).state
    const ended = { ...NOTHING, end: 'ok' as const, sentAt: START, reserved: 900 }
    expect(settle(state, TOKENS, { ...ended, used: 100 }).tokens).toBeCloseTo(state.tokens + 800)
    expect(settle(state, TOKENS, { ...ended, used: 2_000 }).tokens).toBeCloseTo(state.tokens - 1_100)
    expect(settle(state, TOKENS, { ...ended, end: 'throttle' }).tokens).toBeCloseTo(state.tokens + 900)
  })

  it('owed for long make a call leave the queue, instead of asking again and again', () => {
    const state = { ...freshPace(START, TOKENS), tokens: -9_900 }
    expect(reserve(state, TOKENS, 10).decision).toMatchObject({ waitMs: 10_000, reason: 'tokens' })
  })

  it('let a call pass that is larger than the whole burst', () => {
    const state = freshPace(START, TOKENS)
    expect(reserve(state, TOKENS, 1_000_000).decision.kind).toBe('go')
  })
})

describe('a throttle', () => {
  const busy = elapse(freshPace(START, QUOTA), START + 10_000, QUOTA)
  const throttle = { ...NOTHING, end: 'throttle' as const }

  it('decreases the pace once for each wave', () => {
    const first = settle(busy, QUOTA, { ...throttle, sentAt: busy.at - 20 })
    const second = settle(elapse(first, first.at + 30, QUOTA), QUOTA, { ...throttle, sentAt: busy.at - 10 })
    expect(first.pace).toBeLessThan(busy.pace)
    expect(second.pace).toBe(first.pace)
    expect(second.throttles).toBe(2)
  })

  it('starts the wait that AWS asks for, after which one call goes first', () => {
    const told = settle(busy, QUOTA, { ...throttle, sentAt: busy.at - 20, retryAfterMs: 60_000 })
    expect(reserve(told, QUOTA, 0).decision).toMatchObject({
      kind: 'wait',
      waitMs: 60_000,
      reason: 'cooldown',
    })
    const probe = reserve(elapse(told, told.at + 60_000, QUOTA), QUOTA, 0)
    expect(probe.decision).toEqual({ kind: 'go' })
    expect(reserve(probe.state, QUOTA, 0).decision).toMatchObject({ kind: 'wait', reason: 'probe' })
    const answered = settle(probe.state, QUOTA, { ...NOTHING, end: 'ok', sentAt: probe.state.at })
    expect(reserve(answered, QUOTA, 0).decision).toEqual({ kind: 'go' })
  })

  it('of tokens leaves the pace of requests unchanged if a token quota is known', () => {
    const state = freshPace(START, TOKENS)
    const told = settle(state, TOKENS, { ...NOTHING, end: 'tokenThrottle', sentAt: START })
    expect(told).toMatchObject({ pace: state.pace, tokenShare: 0.9, tokens: 0 })
  })
})

describe('the wait that AWS asks for', () => {
  it('is respected, up to an hour', () => {
    const day = { ...NOTHING, end: 'throttle' as const, sentAt: START, retryAfterMs: 86_400_000 }
    expect(settle(freshPace(START, QUOTA), QUOTA, day).coolUntil).toBe(START + 3_600_000)
  })
})

describe('an overload', () => {
  it('lowers the calls in flight once for each wave, and raises them again later', () => {
    const overload = { ...NOTHING, end: 'overload' as const, sentAt: START, inFlight: 100 }
    const once = settle(freshPace(START, QUOTA), QUOTA, overload)
    expect(once.slots).toBe(70)
    expect(settle(once, QUOTA, overload).slots).toBe(70)
    const later = elapse(once, START + 5_000, QUOTA)
    expect(later.slots).toBeGreaterThan(70)
    expect(settle(later, QUOTA, { ...overload, inFlight: 20 }).slots).toBe(14)
  })
})

describe('a quota that is used up for long', () => {
  it('cools the lane for longer each time', () => {
    let state = freshPace(START, QUOTA)
    const cooldowns: number[] = []
    for (let times = 0; times < 5; times += 1) {
      state = settle(state, QUOTA, { ...NOTHING, end: 'quota', sentAt: state.at })
      cooldowns.push((state.coolUntil - state.at) / 60_000)
      state = elapse(state, state.coolUntil, QUOTA)
    }
    expect(cooldowns).toEqual([1, 4, 16, 60, 60])
  })
})

describe('a lane without a quota, against a server that has one', () => {
  const quota = (perSecond: number) => makeQuotaServer(() => perSecond)

  it.each([5, 10, 40])('uses %d requests a second, and is seldom throttled', (perSecond) => {
    const { accepted, throttled, granted } = send(quota(perSecond), { seconds: 90 })
    expect(accepted / granted).toBeGreaterThan(0.93)
    expect(throttled / (accepted + throttled)).toBeLessThan(0.04)
  })

  it('follows a quota that changes', () => {
    const changing = makeQuotaServer((second) => (second < 40 ? 10 : second < 80 ? 200 / 60 : 15))
    const { accepted, throttled, granted, back } = send(changing, { seconds: 120 })
    expect(accepted / granted).toBeGreaterThan(0.9)
    expect(throttled / (accepted + throttled)).toBeLessThan(0.04)
    expect(back(80, 15)).toBeLessThan(12)
  })

  it('recovers from an outage', () => {
    const shut = makeQuotaServer((second) => (second > 30 && second < 90 ? 0 : 10))
    const { back } = send(shut, { seconds: 180 })
    expect(back(90, 10)).toBeLessThan(40)
  })

  it('does not grow by calls that use little of the pace, however many they are', () => {
    const open = { ...QUOTA, requestsPerMinute: null }
    let state = freshPace(START, open)
    for (let second = 1; second <= 3_600; second += 1) {
      const asked = reserve(elapse(state, START + second * 1_000, open), open, 0)
      state = asked.state
    }
    expect(state.pace).toBeLessThan(2 * FIRST_PACE)
  })

  it('goes on when the clock of Redis is set back', () => {
    const open = { ...QUOTA, requestsPerMinute: null }
    const cooled = settle(freshPace(START, open), open, {
      ...NOTHING,
      end: 'throttle',
      sentAt: START,
      retryAfterMs: 10_000,
    })
    const earlier = elapse(cooled, START - 3_600_000, open)
    expect(reserve(earlier, open, 0).decision).toMatchObject({ waitMs: 10_000, reason: 'cooldown' })
    const later = elapse(earlier, START - 3_600_000 + 10_000, open)
    expect(reserve(later, open, 0).decision).toEqual({ kind: 'go' })
  })

  it('learns nothing while its pace is not used up', () => {
    const state = elapse(freshPace(START, { ...QUOTA, requestsPerMinute: null }), START + 3_600_000, {
      ...QUOTA,
      requestsPerMinute: null,
    })
    expect(state.pace).toBeLessThanOrEqual(FIRST_PACE)
  })
})
