// What a lane's share of the backlog means for its jobs. Pure. One lane that is stuck must not fill the backlog of all; one
// that is merely busy must not be fed in gulps.

/**
 * - `room`: it has not its share;
 * - `hold`: it moves, or it is too early to tell: nothing is activated for a moment, Zeebe is the better place to wait;
 * - `return`: it is stuck: its jobs go back to Zeebe for a while, so that those of other lanes get through.
 */
export type LaneVerdict = 'room' | 'hold' | 'return'

/** A look at a lane. */
export interface LaneLook {
  /** ms, from any start. */
  readonly atMs: number
  /** Jobs that wait, are delayed or run. */
  readonly depth: number
  /** Jobs that were answered, from any start. */
  readonly answered: number
}

/** A lane as it was judged last. */
export interface JudgedLane extends LaneLook {
  readonly verdict: LaneVerdict
  /** The look from which its pace is measured, while it has its share. */
  readonly since: LaneLook
}

/** A lane that empties its share within this time is not stuck. */
const HORIZON_MS = 10_000
/** How long it takes to tell. */
const JUDGED_AFTER_MS = 5_000
/** Then its pace is measured anew: one that was fast for long may get stuck. */
const MEASURED_FOR_MS = 10_000
/** A lane that had its share has it no more once it is clearly below it. */
const STILL = 0.9

/** Judges a lane by a look at it and by the judgement before; `share` is the number of jobs it may hold. */
export function judgeLane(look: LaneLook, last: JudgedLane | undefined, share: number): JudgedLane {
  const had = last !== undefined && last.verdict !== 'room'
  if (look.depth < (had ? STILL * share : share)) return { ...look, verdict: 'room', since: look }
  if (!had) return { ...look, verdict: 'hold', since: look }
  const measuredMs = look.atMs - last.since.atMs
  if (measuredMs < JUDGED_AFTER_MS) return { ...look, verdict: last.verdict, since: last.since }
  const moves = (look.answered - last.since.answered) / measuredMs >= share / HORIZON_MS
  const since = measuredMs < MEASURED_FOR_MS ? last.since : look
  return { ...look, verdict: moves ? 'hold' : 'return', since }
}
