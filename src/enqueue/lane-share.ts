// What a lane's share of the backlog means for its jobs. Pure. Lanes that are stuck must not fill the backlog of all; one
// that is merely busy must not be fed in gulps. The rule is that of dynamic thresholds (A. K. Choudhury and E. L. Hahne, 1998):
// whoever shares a room may hold a part of what is free of it. It holds for lanes, for jobs that wait for a budget in one, for
// tenants, and for tenants within a lane; what is stuck and holds more, as it came when more was free, gives it back.

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

/** What one lane, or one tenant, may hold while no other holds anything, and what there is for all. */
export interface Share {
  readonly share: number
  readonly all: number
}

/**
 * Jobs that a lane may hold now: its share of what no other lane holds. So one that is stuck alone gets all of its share, and
 * any number of them leave something free: `n` whose share is a half leave one part in `n + 1`.
 * @param room - jobs that may be taken still, of all lanes.
 * @param depth - jobs that the lane holds.
 */
export function laneLimit(room: number, depth: number, { share, all }: Share): number {
  return Math.ceil(Math.min(share, Math.min(1, share / all) * (room + depth)))
}

/** One of those that share a room, and the bounds within which what it holds can change now. */
export interface Sharer {
  readonly holds: number
  readonly least: number
  readonly most: number
}

/**
 * What each of several may hold once all of them hold what they may: {@link laneLimit} asks for one of them as if the others stayed as
 * they are, and then all give back, or take, what one of them was to.
 * @param room - jobs that may be taken still, by all of them.
 */
export function fairDepth(sharers: readonly Sharer[], room: number, { share, all }: Share): number {
  const part = Math.min(1, share / all)
  const isFree = (depth: number): boolean => {
    const left = sharers.reduce(
      (sum, { holds, least, most }) => sum + holds - Math.max(least, Math.min(most, depth)),
      room,
    )
    return depth <= Math.ceil(part * (left + depth))
  }
  let [low, high] = [0, Math.ceil(share)]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (isFree(middle)) low = middle
    else high = middle - 1
  }
  return low
}

/** So much more than they may hold is left to lanes: what is given back comes again, and limits move with each job. */
const SLACK = 0.2
const LEAST_EXCESS = 10

/** How many jobs each of those that are stuck is to give back, as together they hold more than they may by now. */
export function excessOf(depths: readonly number[], limit: number): readonly number[] {
  const excess = depths.map((depth) => Math.max(0, depth - Math.max(1, limit)))
  const all = excess.reduce((sum, each) => sum + each, 0)
  return all > Math.max(LEAST_EXCESS, SLACK * limit) ? excess : excess.map(() => 0)
}

/**
 * Judges a lane by a look at it and by the judgement before.
 * @param limit - jobs that it may hold now.
 * @param share - jobs that it might hold alone: its pace is measured against it.
 * @param still - none of its jobs has run for a while.
 */
export function judgeLane(
  look: LaneLook,
  last: JudgedLane | undefined,
  {
    limit,
    share,
    still = false,
  }: { readonly limit: number; readonly share: number; readonly still?: boolean },
): JudgedLane {
  const had = last !== undefined && last.verdict !== 'room'
  const slow = last?.slow === true && look.depth >= limit / 2
  const judged = (verdict: LaneVerdict, since = look, isSlow = slow): JudgedLane => ({
    ...look,
    verdict,
    slow: isSlow,
    since,
  })
  // A lane that was half full had enough to do: what it did then tells, when it gets its share, how it moves.
  const busy = last !== undefined && last.depth >= limit / 2 && look.depth >= limit / 2
  const sinceBusy = busy && look.atMs - last.since.atMs < MEASURED_FOR_MS ? last.since : look
  if (look.depth < (had ? STILL * limit : limit)) return judged('room', sinceBusy)
  if (look.halt !== null || still) return judged('return')
  if (!had && slow) return judged('return')
  if (!had && (!busy || look.atMs - last.since.atMs < JUDGED_AFTER_MS)) return judged('hold', sinceBusy)
  const measuredMs = look.atMs - last.since.atMs
  if (measuredMs < JUDGED_AFTER_MS) return judged(last.verdict, last.since)
  const moves = (look.answered - last.since.answered) / measuredMs >= share / HORIZON_MS
  return judged(moves ? 'hold' : 'return', measuredMs < MEASURED_FOR_MS ? last.since : look, !moves)
}
