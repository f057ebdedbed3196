// How the pace finds AWS's quota and follows it. Pure.
import {
  CURVE,
  CUT,
  CUT_AGAIN,
  DOUBLING_CALLS,
  DOUBLING_SECONDS,
  EAGER_FROM,
  FLOW_CALLS,
  FLOW_SECONDS,
  HOLD_SECONDS,
  LEAST_CUT,
  LEAST_CUT_BELOW_CEILING,
  LEAST_PACE,
  LEFT_OUT,
  QUIET_CALLS,
  QUIET_SECONDS,
  SHUT,
  USED_UP,
} from '../../../../src/lanes/pace/pace-constants.ts'
import { type Ceiling, mostRequests, type PaceState, roomOf } from '../../../../src/lanes/pace/pace-state.ts'

/** The seconds over which the accepted flow is a mean. */
export function flowSeconds(pace: number): number {
  return Math.max(FLOW_SECONDS, FLOW_CALLS / pace)
}

/** Lets the pace grow by `seconds` in which it was used up. */
export function grow(state: PaceState, seconds: number): PaceState {
  if (seconds <= 0 || state.flow < USED_UP * state.pace) return state
  const { top, pace } = state
  if (top === 0) {
    const doubled = seconds / Math.max(DOUBLING_SECONDS, DOUBLING_CALLS / pace)
    return { ...state, pace: bounded(state, pace * 2 ** doubled) }
  }
  const busy = state.busy + seconds
  const back = Math.cbrt((1 - CUT) / CURVE)
  const beyond = busy - HOLD_SECONDS - back
  const stretch = state.ceiling > 0 ? 1 : Math.max(1, EAGER_FROM / top)
  const x = beyond < 0 ? Math.max(beyond, -back) : beyond / stretch
  return { ...state, busy, pace: bounded(state, Math.max(pace, top * (1 + CURVE * x ** 3))) }
}

/** A throttled request, sent at `sentAt`, both times in ms; the state is that of `now`. */
export function cut(state: PaceState, now: number, sentAt: number): PaceState {
  const counted = { ...uncounted(state, sentAt), throttles: state.throttles + 1 }
  if (sentAt <= state.cutAt) return counted
  const level = Math.min(counted.level, 0) - LEFT_OUT
  return { ...counted, ...decreased(counted, now), level, cutAt: now, busy: 0 }
}

/** The flow without a call that was sent at `sentAt`; the state is that of now. */
export function uncounted(state: PaceState, sentAt: number): PaceState {
  const memory = flowSeconds(state.pace)
  const own = Math.exp(-Math.max(0, state.at - sentAt) / 1_000 / memory) / memory
  return { ...state, flow: Math.max(0, state.flow - own) }
}

function decreased(
  { pace, top, good, flow, ceiling, cutAt }: PaceState,
  now: number,
): Pick<PaceState, 'pace' | 'top' | 'good'> {
  const quiet = Math.max(QUIET_SECONDS, QUIET_CALLS / pace)
  if (cutAt > 0 && (now - cutAt) / 1_000 < quiet) {
    const next = least(ceiling, CUT_AGAIN * pace)
    return { pace: next, top: next / CUT, good }
  }
  // Doubled since a second: what was sent a second ago was accepted.
  if (top === 0 && ceiling === 0) {
    const next = least(ceiling, pace / 2)
    return { pace: next, top: next, good: next }
  }
  const most = ceiling > 0 ? LEAST_CUT_BELOW_CEILING : LEAST_CUT
  const held = Math.min(pace, Math.max(flow, most * pace))
  return { pace: least(ceiling, CUT * held), top: held, good: held }
}

/**
 * An answer to a request sent at `sentAt`. One that follows waves of throttles says that AWS lets the lane through again, as after an
 * outage: it goes on from a quarter of what once held, instead of growing from next to nothing. Each time that turns
 * out wrong, half of it is forgotten.
 */
export function accepted(state: PaceState, sentAt: number): PaceState {
  const { pace, good, cutAt } = state
  if (sentAt <= cutAt || pace >= SHUT * good) return state
  const revived = SHUT * good
  return { ...state, pace: bounded(state, revived), top: revived / CUT, good: good / 2, busy: 0 }
}

/** Applies a ceiling that may be another than before: one that was raised or is new is believed at once. */
export function underCeiling(state: PaceState, ceiling: Ceiling): PaceState {
  const most = mostRequests(ceiling)
  if (most === state.ceiling) return state
  const raised = most > state.ceiling
  const pace = most === 0 ? state.pace : raised ? most : Math.min(state.pace, most)
  const top = raised ? 0 : most === 0 ? state.top : Math.min(state.top, most)
  return { ...state, ceiling: most, pace, top, level: Math.min(state.level, roomOf(pace, ceiling)) }
}

/** No pace is less than one request a minute, unless the quota is. */
function least(ceiling: number, pace: number): number {
  return Math.max(ceiling === 0 ? LEAST_PACE : Math.min(ceiling, LEAST_PACE), pace)
}

function bounded({ ceiling }: PaceState, pace: number): number {
  return ceiling === 0 ? pace : Math.min(ceiling, pace)
}
