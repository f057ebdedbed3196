// How many calls in flight a lane can really use: what to scale workers by. The length of a queue is the wrong signal
// where a pace bounds it, as more workers send no more. Pure.
import type { LaneUse } from './lane-use.ts'

/** A lane as it stands. */
export interface LaneLoad {
  /** Jobs that wait for their turn or are with a worker, and those put off that are due. */
  readonly jobs: number
  /** Calls in flight. */
  readonly calls: number
  /** Null for a lane that was never used. */
  readonly use: LaneUse | null
  /** Requests per second that it may send; 0 while it sends nothing. */
  readonly pace: number
  /** Tokens per second that it may use; null: any number. */
  readonly tokens: number | null
  /** Calls in flight that it may have; null: any number. */
  readonly concurrency: number | null
}

/** Of a lane that has made no call yet. */
export const UNKNOWN_CALL_SECONDS = 2

/**
 * Little's law: what can be sent in a second, times the seconds that a call takes, and no more than there are jobs. With
 * nothing waiting that is the calls in flight.
 */
export function wantedSlots(load: LaneLoad): number {
  const { jobs, calls, use, concurrency } = load
  const rate = sendable(load)
  if (rate === 0) return 0
  const seconds = use === null || use.callSeconds === 0 ? UNKNOWN_CALL_SECONDS : use.callSeconds
  const slots = Math.max(calls, Math.min(jobs, Math.max(1, Math.ceil(rate * seconds - 1e-9))))
  return concurrency === null ? slots : Math.min(slots, concurrency)
}

/** What of a lane bounds how fast it may send. */
export type LaneBounds = Pick<LaneLoad, 'pace' | 'tokens' | 'concurrency' | 'use'>

/** Requests per second that a lane comes to while jobs wait in it: by its pace, its tokens and its calls in flight. */
export function comesTo({ concurrency, ...bounds }: LaneBounds): number {
  const rate = sendable(bounds)
  const seconds = bounds.use?.callSeconds ?? 0
  return concurrency === null || seconds === 0 ? rate : Math.min(rate, concurrency / seconds)
}

/** Requests per second that the pace and, by the tokens that a request takes on average, the tokens allow. */
function sendable({ pace, tokens, use }: Omit<LaneBounds, 'concurrency'>): number {
  if (tokens === null || use === null || use.tokensUsed === 0 || use.requestsUsed === 0) return pace
  return Math.min(pace, (tokens * use.requestsUsed) / use.tokensUsed)
}
