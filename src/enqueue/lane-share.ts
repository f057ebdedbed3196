// The share of the backlog that a lane may hold, and what follows for its jobs. Pure. Stuck lanes must not fill the whole backlog; a busy
// lane must not be fed in bursts. The rule is dynamic thresholds (A. K. Choudhury and E. L. Hahne, 1998): each sharer may hold a fixed
// part of what is free. It applies to lanes, to the jobs of a lane that wait for a budget, to tenants, and to tenants within a lane. A
// stuck sharer that took more while more was free gives it back.

/**
 * - `room`: below its share;
 * - `hold`: it moves, or it is too early to tell. No more jobs are activated than it takes: Zeebe is the better place to wait;
 * - `return`: it is stuck. Its jobs go back to Zeebe for a while, so that those of other lanes get through.
 */
export type LaneVerdict = 'room' | 'hold' | 'return'

/** Why a lane is known not to move without measuring; null where it may move. */
export type Halt = 'paused' | 'draining' | 'outage'

/** How far a lane has come at a time. */
export interface LaneProgress {
  /** ms, from any start. */
  readonly atMs: number
  /** Jobs that wait, are delayed or run. */
  readonly depth: number
  /** Jobs answered so far, from any start. */
  readonly answered: number
  readonly halt: Halt | null
}

/** A lane as it was last judged. */
export interface JudgedLane extends LaneProgress {
  readonly verdict: LaneVerdict
  /** Whether the last measurement found that it does not move. */
  readonly slow: boolean
  /** The look at which the measurement of its pace began. */
  readonly since: LaneProgress
}

/** A lane that empties its share within this time is not stuck. */
const HORIZON_MS = 10_000
/** How long a measurement takes at least. */
const JUDGED_AFTER_MS = 5_000
/** After this the measurement begins anew: a lane that was fast for long may get stuck. */
const MEASURED_FOR_MS = 10_000
/** A lane that had its share is below it only under this part: it must not flap. */
const STILL = 0.9

/** What one lane or tenant may hold while no other holds anything, and the size of the whole. */
export interface Share {
  readonly share: number
  readonly all: number
}

/**
 * Jobs that a lane may hold now: its share of what no other lane holds. A lane that is stuck alone gets all of its share, and any number
 * of stuck lanes leave something free: `n` lanes with a share of a half leave one part in `n + 1`.
 * @param room - jobs that may still be taken, over all lanes.
 * @param depth - jobs that the lane holds.
 */
export function laneLimit(room: number, depth: number, { share, all }: Share): number {
  return Math.ceil(Math.min(share, Math.min(1, share / all) * (room + depth)))
}

/** One of several that share a room. What it holds can only change within the bounds. */
export interface Sharer {
  readonly holds: number
  readonly least: number
  readonly most: number
}

/**
 * How much each sharer may hold once all hold what they may. {@link laneLimit} assumes that the others stay as they are; here all give
 * back, or take, together.
 * @param room - jobs that may still be taken, by all of them.
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

/** Excess up to this part of the limit is tolerated: what is given back comes again, and limits move with each job. */
const SLACK = 0.2
const LEAST_EXCESS = 10

/** How many jobs each of several stuck lanes must give back, if together they hold clearly more than they may. */
export function excessOf(depths: readonly number[], limit: number): readonly number[] {
  const excess = depths.map((depth) => Math.max(0, depth - Math.max(1, limit)))
  const all = excess.reduce((sum, each) => sum + each, 0)
  return all > Math.max(LEAST_EXCESS, SLACK * limit) ? excess : excess.map(() => 0)
}

/**
 * Judges a lane by a look at it and by the last judgement.
 * @param limit - jobs that it may hold now.
 * @param share - jobs that it might hold alone: its pace is measured against this.
 * @param still - whether none of its jobs has run for a while.
 */
export function judgeLane(
  look: LaneProgress,
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
  // A half-full lane had enough to do, so its pace is already measured when it reaches its share.
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
