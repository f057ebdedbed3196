// A lane whose calls all fail stops, sends one call now and then, and goes on when one succeeds. Pure; carried out by
// redis/scripts/pace-state.lua, reserve.lua and settle.lua.
//
// - It stops after some failures in a row, so that one among successes stops no busy lane. Where no connection can be made, few are
//   enough.
// - The pauses double. A call that was sent before the latest pause began says nothing new.
// - The call that tries goes alone until it ends. One that lives longer than connecting may take has a connection, or a
//   worker that died: others follow slowly, so that neither a slow model nor a dead worker holds the lane shut.
// - An answer to a call that was sent since the outage began ends it, be it a throttle.
import type { PaceState } from './pace-state.ts'

/** Ends of calls after which a lane may stop. */
export type FailedEnd = 'outage' | 'unavailable' | 'overload' | 'failure'

interface Stop {
  /** Failures in a row. */
  readonly after: number
  /** The first pause between two calls, ms. */
  readonly firstMs: number
  /** The longest at first, ms. Later it is a part of how long the outage has lasted, up to {@link LONGEST_MS}. */
  readonly soonMs: number
}

/** Calls that count as attempts are tried sooner: the few sends of a job must not take minutes where it alone is the fault. */
const STOPS: Readonly<Record<FailedEnd, Stop>> = {
  outage: { after: 3, firstMs: 1_000, soonMs: 12_000 },
  unavailable: { after: 5, firstMs: 1_000, soonMs: 12_000 },
  overload: { after: 5, firstMs: 250, soonMs: 1_000 },
  failure: { after: 5, firstMs: 250, soonMs: 1_000 },
}
const LONGEST_MS = 12_000
const PART_OF_OUTAGE = 1 / 20
/** Connecting takes no longer (aws/). */
const ALONE_MS = 12_000
/** Behind a call that lives longer. */
const BEHIND_MS = 1_000

/** Counts a failed call, sent at `sentAt`; the state is that of now. */
export function failed(before: PaceState, end: FailedEnd, sentAt: number): PaceState {
  const { at, outageSince } = before
  const state = { ...before, failures: before.failures + 1, failedAt: at }
  if (outageSince > 0 && sentAt < state.outageAt) return state
  const { after, firstMs, soonMs } = STOPS[end]
  if (outageSince === 0 && state.failures < after) return state
  const since = outageSince > 0 ? outageSince : at
  const longestMs = Math.min(LONGEST_MS, Math.max(soonMs, (at - since) * PART_OF_OUTAGE))
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
