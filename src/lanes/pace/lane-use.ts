// How much of its quota a lane used lately, and how long its calls take: for display and scaling; the pace does not use it. Pure.
// pace-state.lua and settle.lua count it.
import type { LaneQuota } from '../../rules/lane-quota.ts'
import { USE_CALLS, USE_SECONDS } from './pace-constants.ts'
import type { PaceState } from './pace-state.ts'

/** The fields of a lane's pace that describe its use. */
export type LaneUse = Pick<PaceState, 'at' | 'pace' | 'requestsUsed' | 'tokensUsed' | 'callSeconds'>

/** Averaging time of the use, seconds: short against a minute, longer if calls are rare. */
export function useSeconds(pace: number): number {
  return Math.max(USE_SECONDS, USE_CALLS / pace)
}

/** The use after `seconds` without a call. */
export function fadedUse(
  { pace, requestsUsed, tokensUsed }: LaneUse,
  seconds: number,
): Pick<PaceState, 'requestsUsed' | 'tokensUsed'> {
  const left = Math.exp(-seconds / useSeconds(pace))
  return { requestsUsed: requestsUsed * left, tokensUsed: tokensUsed * left }
}

/**
 * The share of a lane's quota that was used lately, 0 to 1: of requests or of tokens, whichever is larger.
 * @param nowMs - by Redis's clock.
 * @returns null if neither has a quota.
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
