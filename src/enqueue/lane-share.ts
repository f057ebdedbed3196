// What a lane's share of the backlog means for its jobs. Pure. Lanes that are stuck must not fill the backlog of all; one
// that is merely busy must not be fed in gulps.

/**
 * - `room`: it has not its share;
 * - `hold`: it moves, or it is too early to tell: no more is activated than it takes, Zeebe is the better place to wait;
 * - `return`: it is stuck: its jobs go back to Zeebe for a while, so that those of other lanes get through.
 */
export type LaneVerdict = 'room' | 'hold' | 'return'

/** Why a lane is known not to move, without measuring it; null: it may. */
export type Halt = 'paused' | 'draining' | 'outage'

/** A look at a lane. */
export interface LaneLook {
  /** ms, from any start. */
  readonly atMs: number
  /** Jobs that wait, are delayed or run. */
  readonly depth: number
  /** Jobs that were answered, from any start. */
  readonly answered: number
  readonly halt: Halt | null
}

/** A lane as it was judged last. */
export interface JudgedLane extends LaneLook {
  readonly verdict: LaneVerdict
  /** Whether it was found not to move, when its pace was measured last. */
  readonly slow: boolean
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

/**
 * Jobs that one lane may hold now: its share of what no other lane holds. So a lane that is stuck alone gets all of its
 * share, and any number of them leave something free: `n` whose share is three quarters leave one part in 1 + 3n.
 * @param room - jobs that may be taken still, of all lanes.
 * @param depth - jobs that the lane holds.
 */
export function laneLimit(
  room: number,
  depth: number,
  { share, all }: { readonly share: number; readonly all: number },
): number {
  return Math.ceil(Math.min(share, Math.min(1, share / all) * (room + depth)))
}

/**
 * Judges a lane by a look at it and by the judgement before.
 * @param limit - jobs that it may hold now.
 * @param share - jobs that it might hold alone: its pace is measured against it.
 */
export function judgeLane(
  look: LaneLook,
  last: JudgedLane | undefined,
  { limit, share }: { readonly limit: number; readonly share: number },
): JudgedLane {
  const had = last !== undefined && last.verdict !== 'room'
  const slow = last?.slow === true && look.depth >= limit / 2
  const judged = (verdict: LaneVerdict, since = look, isSlow = slow): JudgedLane => ({
    ...look,
    verdict,
    slow: isSlow,
    since,
  })
  if (look.depth < (had ? STILL * limit : limit)) return judged('room')
  if (look.halt !== null) return judged('return')
  if (!had) return judged(slow ? 'return' : 'hold')
  const measuredMs = look.atMs - last.since.atMs
  if (measuredMs < JUDGED_AFTER_MS) return judged(last.verdict, last.since)
  const moves = (look.answered - last.since.answered) / measuredMs >= share / HORIZON_MS
  return judged(moves ? 'hold' : 'return', measuredMs < MEASURED_FOR_MS ? last.since : look, !moves)
}
