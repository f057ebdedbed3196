// A lane whose calls all fail. Pure.
import {
  ALONE_MS,
  BEHIND_MS,
  LONGEST_PAUSE_MS,
  PART_OF_OUTAGE,
  STOPS,
} from '../../../../src/lanes/pace/pace-constants.ts'
import type { PaceState } from '../../../../src/lanes/pace/pace-state.ts'

/** Ends of calls after which a lane may stop. */
export type FailedEnd = keyof typeof STOPS

/** Counts a failed call, sent at `sentAt`; the state is that of now. */
export function failed(before: PaceState, end: FailedEnd, sentAt: number): PaceState {
  const { at, outageSince } = before
  const state = { ...before, failures: before.failures + 1, failedAt: at }
  if (outageSince > 0 && sentAt < state.outageAt) return state
  const { after, firstMs, soonMs } = STOPS[end]
  if (outageSince === 0 && state.failures < after) return state
  const since = outageSince > 0 ? outageSince : at
  const longestMs = Math.min(LONGEST_PAUSE_MS, Math.max(soonMs, (at - since) * PART_OF_OUTAGE))
  const outageMs = Math.min(longestMs, Math.max(firstMs, 2 * state.outageMs))
  return {
    ...state,
    outageSince: since,
    outageAt: at,
    outageMs,
    outageUntil: at + outageMs * jitter(at),
    probeUntil: 0,
  }
}

/** 0.75 to 1.25, from the time: lanes that stop together do not try together. */
function jitter(at: number): number {
  return 0.75 + (at % 1_000) / 2_000
}

/** An answer to a call that was sent at `sentAt`. */
export function answered(state: PaceState, sentAt: number): PaceState {
  if (state.outageSince > 0 && sentAt < state.outageSince) return state
  return {
    ...state,
    ...{ outageSince: 0, outageAt: 0, outageUntil: 0, outageMs: 0 },
    ...{ probeUntil: 0, failures: 0 },
  }
}

/** A call that was given up, of which nothing is known: another may try. */
export function gaveUp(state: PaceState, sentAt: number): PaceState {
  return state.outageSince > 0 && sentAt >= state.outageAt ? { ...state, probeUntil: 0 } : state
}

/** Until when a call that is sent now, in an outage, goes alone. */
export function aloneUntil({ at, probeUntil }: PaceState): number {
  return at + (probeUntil > 0 ? BEHIND_MS : ALONE_MS)
}
