// How a call that ends counts to the use of its lane. Pure.
import { type LaneUse, useSeconds } from '../../../../src/lanes/pace/lane-use.ts'
import { LONGEST_SECONDS, SHORTEST_SECONDS, SMOOTHING } from '../../../../src/lanes/pace/pace-constants.ts'

/** A call that ended, as far as use is concerned. */
export interface UsedCall {
  readonly throttled: boolean
  /** How long it took; null for one that says nothing of that, such as a throttle. */
  readonly seconds: number | null
  /** Tokens that AWS takes from the quota. */
  readonly tokens: number
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
