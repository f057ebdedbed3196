// How the pace of a lane finds AWS's quota and follows it. Pure; carried out by redis/scripts/pace-state.lua.
//
// - It begins slowly and doubles with each second in which it is used up, until the first throttle.
// - A throttle decreases it, once for each wave: to 0.9 of what AWS has lately accepted, since a bucket that runs dry
//   accepts just its quota; when it throttles again before there was quiet, to 0.7 of what it was.
// - Then it grows as CUBIC does (RFC 9438, 4.1): quickly back to what held before, slowly around it, then faster and
//   faster, so that a quota that was raised is found within seconds and one that was not is seldom exceeded. A constant
//   increase cannot do both. AWS's own SDKs use the same curve, each process for itself
//   (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html, adaptive mode).
// - A lane that sends less than it may does not grow: nothing was learned.
// - An answer after waves of throttles, as when an outage ends, brings it back quickly.
// docs/adr/0005-adaptive-pace.md has the simulation behind the figures.
import { type Ceiling, LEAST_PACE, mostRequests, type PaceState, roomOf } from './pace-state.ts'

/** After a wave of throttles the pace is this much of what AWS accepts. */
const CUT = 0.9
/** And this much of itself when the wave before was just now. */
const CUT_AGAIN = 0.7
/** What AWS accepts is measured too roughly to cut by more than this at once. */
const LEAST_CUT = 0.7
/** Beginning, the pace doubles in a second, or in as many calls where these take longer. */
const DOUBLING_CALLS = 2
/** A lane that was shut: a pace that fell below a quarter of what once held. */
const SHUT = 1 / 4
/** A configured quota is believed more than a measure. */
const LEAST_CUT_BELOW_CEILING = 0.9
/** Seconds of growth after which the pace is about doubled: CUBIC's C is 0.006 a second cubed. */
const CURVE = 0.006
/** A decrease is left to take effect before the pace grows, seconds. */
const HOLD_SECONDS = 0.5
/** Seconds, or calls, without a throttle after which a throttle is a new matter. */
const QUIET_SECONDS = 1
const QUIET_CALLS = 3
/** A pace of which AWS accepted less than this of late is not used up. */
const USED_UP = 0.3
/** Memory of the measured flow, seconds or calls. */
const FLOW_SECONDS = 1.5
const FLOW_CALLS = 5
/** A lane that sends fewer requests a second than this tries less often for more: about every 80 calls. */
const EAGER_FROM = 4
/** A decrease leaves AWS's bucket room for half a request. */
const LEFT_OUT = 0.5

/** The seconds over which the accepted flow is a mean. */
export function flowSeconds(pace: number): number {
  return Math.max(FLOW_SECONDS, FLOW_CALLS / pace)
}

/** Lets the pace grow by `seconds` in which it was used up. */
export function grow(state: PaceState, seconds: number): PaceState {
  if (seconds <= 0 || state.flow < USED_UP * state.pace) return state
  const { top, pace } = state
  if (top === 0) {
    const doubled = seconds / Math.max(1, DOUBLING_CALLS / pace)
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
