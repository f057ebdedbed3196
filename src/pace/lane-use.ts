// How much of its quota a lane used lately, and how long its calls take: for people and for scaling, not for the pace. Pure;
// redis/scripts/pace-state.lua and settle.lua do the same.
import type { LaneQuota } from './lane-quota.ts'
import type { PaceState } from './pace-state.ts'

/** What of a lane's pace tells how it is used. */
export type LaneUse = Pick<PaceState, 'at' | 'pace' | 'requestsUsed' | 'tokensUsed' | 'callSeconds'>

/** A call that ended, as far as use is concerned. */
export interface UsedCall {
  readonly throttled: boolean
  /** How long it took; null for one that says nothing of that, such as a throttle. */
  readonly seconds: number | null
  /** Tokens that AWS takes from the quota. */
  readonly tokens: number
}

const USE_SECONDS = 20
const USE_CALLS = 5
/** The mean length of calls follows the latest ones by this. */
const SMOOTHING = 1 / 16
const SHORTEST_SECONDS = 0.001
/** One that took longer was timed by two clocks, as when Redis failed over. */
const LONGEST_SECONDS = 3_600

/** The seconds over which use is a mean: short against a minute, and over some calls where these are rare. */
export function useSeconds(pace: number): number {
  return Math.max(USE_SECONDS, USE_CALLS / pace)
}

/** What time leaves of what was used. */
export function fadedUse(
  { pace, requestsUsed, tokensUsed }: LaneUse,
  seconds: number,
): Pick<PaceState, 'requestsUsed' | 'tokensUsed'> {
  const left = Math.exp(-seconds / useSeconds(pace))
  return { requestsUsed: requestsUsed * left, tokensUsed: tokensUsed * left }
}

/** Counts a call that ended. */
export function withCall<State extends LaneUse>(
  state: State,
  { throttled, seconds, tokens }: UsedCall,
): State {
  const memory = useSeconds(state.pace)
  return {
    ...state,
    requestsUsed: state.requestsUsed + (throttled ? 0 : 1 / memory),
    tokensUsed: state.tokensUsed + tokens / memory,
    callSeconds: seconds === null ? state.callSeconds : smoothed(state.callSeconds, seconds),
  }
}

function smoothed(mean: number, seconds: number): number {
  const latest = Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, seconds))
  return mean === 0 ? latest : mean + (latest - mean) * SMOOTHING
}

/**
 * The share of a lane's quota that was used lately, 0 to 1: of the requests or of the tokens, whichever is nearer its end.
 * @param nowMs - by Redis's clock.
 * @returns null where neither has a quota.
 */
export function usedShare(
  use: LaneUse,
  { requestsPerMinute, tokensPerMinute }: Pick<LaneQuota, 'requestsPerMinute' | 'tokensPerMinute'>,
  nowMs: number,
): number | null {
  const { requestsUsed, tokensUsed } = fadedUse(use, Math.max(0, nowMs - use.at) / 1_000)
  const shares = [
    ...(requestsPerMinute === null ? [] : [(requestsUsed * 60) / requestsPerMinute]),
    ...(tokensPerMinute === null ? [] : [(tokensUsed * 60) / tokensPerMinute]),
  ]
  return shares.length === 0 ? null : Math.min(1, Math.max(...shares))
}
