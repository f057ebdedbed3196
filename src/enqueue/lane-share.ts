// What a lane's share of the backlog means for its jobs. Pure. One lane that is stuck must not fill the backlog of all; one
// that is merely busy must not be fed in gulps.

/** What is known of a lane that has its share. */
export interface FullLane {
  /** How long it has had its share, ms. */
  readonly fullForMs: number
  /** Jobs of it that were answered in that time. */
  readonly answered: number
  /** Jobs that it may hold. */
  readonly share: number
}

/** A lane that empties its share within this time is not stuck. */
const HORIZON_MS = 10_000
/** How long it takes to tell. */
const JUDGED_AFTER_MS = 5_000

/**
 * - `hold`: it moves, or it is too early to tell: nothing is activated for a moment, Zeebe is the better place to wait;
 * - `return`: it is stuck: its jobs go back to Zeebe for a while, so that those of other lanes get through.
 */
export function judgeFullLane({ fullForMs, answered, share }: FullLane): 'hold' | 'return' {
  if (fullForMs < JUDGED_AFTER_MS) return 'hold'
  return answered / fullForMs >= share / HORIZON_MS ? 'hold' : 'return'
}

/** A lane that had its share has it no more once it is clearly below it. */
export function hasItsShare(depth: number, share: number, had: boolean): boolean {
  return depth >= (had ? 0.9 * share : share)
}
