// How many calls in flight a lane can use, as the signal to scale workers by. The queue length is the wrong signal if the pace bounds the
// lane: more workers do not send more. Pure.
import type { LaneUse } from './lane-use.ts'

/** The current state of a lane. */
export interface LaneLoad {
  /** Jobs that wait or are with a worker, and delayed jobs that are due. */
  readonly jobs: number
  /** Calls in flight. */
  readonly calls: number
  /** Null for a lane that was never used. */
  readonly use: LaneUse | null
  /** Allowed requests per second; 0 while the lane is closed. */
  readonly pace: number
  /** Allowed tokens per second; null: unlimited. */
  readonly tokens: number | null
  /** Allowed calls in flight; null: unlimited. */
  readonly concurrency: number | null
}

/** Assumed for a lane that has made no call yet. */
export const UNKNOWN_CALL_SECONDS = 2

/**
 * Little's law: sendable requests per second times the seconds per call, and no more than there are jobs. Without waiting jobs this is the
 * number of calls in flight.
 */
export function wantedSlots(load: LaneLoad): number {
  const { jobs, calls, use, concurrency } = load
  const rate = sendable(load)
  if (rate === 0) return 0
  const seconds = use === null || use.callSeconds === 0 ? UNKNOWN_CALL_SECONDS : use.callSeconds
  const slots = Math.max(calls, Math.min(jobs, Math.max(1, Math.ceil(rate * seconds - 1e-9))))
  return concurrency === null ? slots : Math.min(slots, concurrency)
}

/** The limits of a lane's rate. */
export type LaneBounds = Pick<LaneLoad, 'pace' | 'tokens' | 'concurrency' | 'use'>

/** Requests per second that a lane reaches while jobs wait: limited by pace, tokens and calls in flight. */
export function comesTo({ concurrency, ...bounds }: LaneBounds): number {
  const rate = sendable(bounds)
  const seconds = bounds.use?.callSeconds ?? 0
  return concurrency === null || seconds === 0 ? rate : Math.min(rate, concurrency / seconds)
}

/** Requests per second that the pace allows, and the tokens at the mean tokens per request. */
function sendable({ pace, tokens, use }: Omit<LaneBounds, 'concurrency'>): number {
  if (tokens === null || use === null || use.tokensUsed === 0 || use.requestsUsed === 0) return pace
  return Math.min(pace, (tokens * use.requestsUsed) / use.tokensUsed)
}
