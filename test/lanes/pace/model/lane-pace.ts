// The rules of src/lanes/pace/lane-pace.ts in TypeScript, which tests play beside the scripts that carry them out: now or later for each
// call of a lane, and what is learned from how calls end. Pure: the state and the time go in, the next state comes out.
// test/flow/pace-store.test.ts holds the two together.
import type { EndedCall, PaceEnd, WaitReason } from '../../../../src/lanes/pace/lane-pace.ts'
import { fadedUse } from '../../../../src/lanes/pace/lane-use.ts'
import {
  FIRST_COOLDOWN_MS,
  LEAST_TOKEN_SHARE,
  LONG_DEBT_MS,
  LONGEST_COOLDOWN_MS,
  MANY_SLOTS,
  PROBE_MS,
  REWOUND_MS,
  SLOTS_CUT,
  SLOTS_GROWTH,
  TOKEN_CUT,
  TOKEN_GROWTH,
  TOKEN_WAIT_MS,
  WAVE_MS,
} from '../../../../src/lanes/pace/pace-constants.ts'
import { type Ceiling, type PaceState, roomOf, tokenRate } from '../../../../src/lanes/pace/pace-state.ts'
import { accepted, cut, flowSeconds, grow, uncounted, underCeiling } from './adaptive-rate.ts'
import { withCall } from './lane-use.ts'
import { aloneUntil, answered, failed, gaveUp } from './outage.ts'

/** A call goes now, or is to be asked for again in `waitMs`. */
export type Decision =
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly waitMs: number; readonly reason: WaitReason }

/** Brings the levels up to `now`. */
export function elapse(before: PaceState, now: number, ceiling: Ceiling): PaceState {
  const state = underCeiling(rewound(before, now), ceiling)
  const seconds = Math.max(0, now - state.at) / 1_000
  const room = roomOf(state.pace, ceiling)
  const missing = Math.max(0, room - state.level)
  const level = Math.max(state.level, Math.min(room, state.level + state.pace * seconds))
  const flow = state.flow * Math.exp(-seconds / flowSeconds(state.pace))
  const quietTokens = now - state.tokenCutAt >= WAVE_MS
  const tokenShare = Math.min(1, state.tokenShare + (quietTokens ? TOKEN_GROWTH * seconds : 0))
  const rate = tokenRate(ceiling, state.tokenShare)
  const tokenRoom = rate * ceiling.burstSeconds
  const tokens = Math.min(tokenRoom, state.tokens + rate * seconds)
  const used = fadedUse(state, seconds)
  const refilled = { ...state, at: Math.max(now, state.at), level, flow, tokens, tokenShare, ...used }
  return withSlots(grow(refilled, Math.min(seconds, missing / state.pace)), seconds, now)
}

/**
 * Redis may be another server than before, with another clock: what is left of each time stays. A clock that is a little
 * behind stands still.
 */
function rewound(state: PaceState, now: number): PaceState {
  const back = state.at - now
  if (back <= REWOUND_MS) return state
  return {
    ...state,
    at: now,
    coolUntil: Math.max(0, state.coolUntil - back),
    probeUntil: Math.max(0, state.probeUntil - back),
    outageUntil: Math.max(0, state.outageUntil - back),
    outageSince: Math.min(state.outageSince, now),
    outageAt: Math.min(state.outageAt, now),
    cutAt: Math.min(state.cutAt, now),
    tokenCutAt: Math.min(state.tokenCutAt, now),
    slotsAt: Math.min(state.slotsAt, now),
    failedAt: Math.min(state.failedAt, now),
  }
}

function withSlots(state: PaceState, seconds: number, now: number): PaceState {
  if (state.slots === 0 || now - state.slotsAt < WAVE_MS) return state
  const slots = state.slots + Math.max(1, SLOTS_GROWTH * state.slots) * seconds
  return { ...state, slots: slots > MANY_SLOTS ? 0 : slots }
}

/**
 * Asks for one call.
 * @param state - as {@link elapse} left it.
 * @param tokens - to be reserved: the estimated input and all of the output that the request allows.
 */
export function reserve(
  state: PaceState,
  ceiling: Ceiling,
  tokens: number,
): { readonly state: PaceState; readonly decision: Decision } {
  const wait = waitFor(state, ceiling, tokens)
  if (wait !== null) return { state, decision: { kind: 'wait', ...wait } }
  const probeUntil = state.outageSince > 0 ? aloneUntil(state) : state.coolUntil > 0 ? state.at + PROBE_MS : 0
  return {
    state: {
      ...state,
      level: state.level - 1,
      flow: state.flow + 1 / flowSeconds(state.pace),
      tokens: ceiling.tokensPerMinute === null ? state.tokens : state.tokens - tokens,
      coolUntil: 0,
      probeUntil,
    },
    decision: { kind: 'go' },
  }
}

/** Whether a trial may be sent: not while one call goes alone, nor when the next one is to. */
export function mayTry({ at, coolUntil, probeUntil, outageSince }: PaceState): boolean {
  return outageSince === 0 && coolUntil === 0 && probeUntil <= at
}

function waitFor(
  state: PaceState,
  ceiling: Ceiling,
  tokens: number,
): { readonly waitMs: number; readonly reason: WaitReason } | null {
  const { at, coolUntil, probeUntil, level, pace } = state
  const triedAt = Math.max(state.outageUntil, coolUntil, probeUntil)
  if (state.outageSince > 0 && triedAt > at) return { waitMs: triedAt - at, reason: 'outage' }
  if (coolUntil > at) return { waitMs: coolUntil - at, reason: 'cooldown' }
  if (probeUntil > at) return { waitMs: probeUntil - at, reason: 'probe' }
  if (level < 1) return { waitMs: ((1 - level) / pace) * 1_000, reason: 'requests' }
  const rate = tokenRate(ceiling, state.tokenShare)
  if (rate === 0) return null
  // One that is larger than the room waits until all of it is there, and leaves a debt: the rate still holds.
  const needed = Math.min(tokens, rate * ceiling.burstSeconds)
  if (state.tokens >= needed - 1e-6) return null
  const debtMs = (-state.tokens / rate) * 1_000
  if (debtMs > LONG_DEBT_MS) return { waitMs: debtMs, reason: 'tokens' }
  return { waitMs: Math.min(TOKEN_WAIT_MS, ((needed - state.tokens) / rate) * 1_000), reason: 'tokens' }
}

/** Ends of calls that were let through, so that their length counts. */
const TIMED: ReadonlySet<PaceEnd> = new Set(['ok', 'unavailable', 'overload', 'failure'])

/** A call that ended, with the calls in flight of the lane, this one included: the scripts count them themselves. */
export interface PlayedCall extends EndedCall {
  readonly inFlight: number
}

/** Learns from a call that ended; the state is as {@link elapse} left it. */
export function settle(before: PaceState, ceiling: Ceiling, call: PlayedCall): PaceState {
  const { end, sentAt, reserved, inFlight, isTrial = false } = call
  const retryAfterMs = Math.min(call.retryAfterMs, LONGEST_COOLDOWN_MS)
  const throttled = end === 'throttle' || end === 'tokenThrottle'
  const isVoid = isTrial && (end === 'refused' || (end === 'unknown' && (call.used ?? reserved) === 0))
  const isUncounted = throttled || end === 'refused' || isVoid
  const used = isUncounted ? 0 : (call.used ?? reserved)
  const tokens = ceiling.tokensPerMinute === null ? before.tokens : before.tokens + reserved - used
  const now = before.at
  const seconds = TIMED.has(end) ? (now - sentAt) / 1_000 : null
  const begun = isTrial && !isVoid ? withTurn(before, sentAt) : before
  const state = withCall({ ...begun, tokens }, { throttled: isUncounted, seconds, tokens: used })
  const cooled = (next: PaceState): PaceState =>
    retryAfterMs > 0 ? { ...next, coolUntil: Math.max(next.coolUntil, now + retryAfterMs) } : next
  switch (end) {
    case 'ok':
      return { ...answered(accepted(state, sentAt), sentAt), coolMs: 0 }
    case 'throttle':
      return cooled(cut(reached(state, sentAt), now, sentAt))
    case 'tokenThrottle': {
      const open = reached(state, sentAt)
      return cooled(ceiling.tokensPerMinute === null ? cut(open, now, sentAt) : cutTokens(open, sentAt))
    }
    case 'quota': {
      const open = reached(state, sentAt)
      const coolMs = Math.min(LONGEST_COOLDOWN_MS, open.coolMs === 0 ? FIRST_COOLDOWN_MS : 4 * open.coolMs)
      return { ...open, coolMs, coolUntil: Math.max(open.coolUntil, now + Math.max(coolMs, retryAfterMs)) }
    }
    case 'unavailable':
    case 'overload':
      return cooled(failed(state.outageSince > 0 ? state : fewerSlots(state, inFlight), end, sentAt))
    case 'outage':
    case 'failure':
      return cooled(failed(state, end, sentAt))
    case 'refused':
      if (isTrial) return gaveUp(state, sentAt)
      return gaveUp({ ...uncounted(state, sentAt), level: levelBack(state, ceiling) }, sentAt)
    case 'unknown':
      return gaveUp(state, sentAt)
  }
}

/** The turn of a trial that was sent at `sentAt`. */
function withTurn(state: PaceState, sentAt: number): PaceState {
  const memory = flowSeconds(state.pace)
  const own = Math.exp(-Math.max(0, state.at - sentAt) / 1_000 / memory) / memory
  return { ...state, level: state.level - 1, flow: state.flow + own }
}

function levelBack({ pace, level }: PaceState, ceiling: Ceiling): number {
  return Math.max(level, Math.min(roomOf(pace, ceiling), level + 1))
}

/** A throttle is an answer, too: what ended was an outage, if there was one. */
function reached(state: PaceState, sentAt: number): PaceState {
  return state.outageSince > 0 ? answered(state, sentAt) : state
}

function cutTokens(state: PaceState, sentAt: number): PaceState {
  const counted = { ...state, throttles: state.throttles + 1 }
  if (sentAt <= state.tokenCutAt) return counted
  const tokenShare = Math.max(LEAST_TOKEN_SHARE, TOKEN_CUT * state.tokenShare)
  return { ...counted, tokenShare, tokenCutAt: state.at, tokens: Math.min(0, state.tokens) }
}

function fewerSlots(state: PaceState, inFlight: number): PaceState {
  if (state.slotsAt > 0 && state.at - state.slotsAt < WAVE_MS) return state
  const now = state.slots === 0 ? inFlight : Math.min(state.slots, inFlight)
  return { ...state, slots: Math.max(1, Math.floor(SLOTS_CUT * now)), slotsAt: state.at }
}
