// A lane as the dashboard shows it, and the totals of all lanes. Pure.
import type { LaneFigures } from '../control/lane-figures.ts'
import type { LaneOverview } from '../control/lane-overview.ts'
import { FIGURES } from '../lanes/lane-overrides.ts'

export interface LaneLine extends Omit<LaneOverview, 'overrides'> {
  /** Age of the oldest unanswered job, ms; null when there is none. */
  readonly oldestWaitMs: number | null
  /** Recently used share of the quota, 0 to 1; null without a quota. */
  readonly usedRatio: number | null
  /** Throttles within the last minute. */
  readonly throttledLately: number
  /** Live workers that have calls in flight in it. */
  readonly workers: LaneFigures['workers']
  /** Whether adapters add no more jobs to it, whatever its state. */
  readonly draining: boolean
  /** Who changed it last, and when, ms since the epoch; null when nobody did. */
  readonly changed: { readonly by: string; readonly atMs: number } | null
  /** Figures that an operator set, which override the quota. */
  readonly overridden: readonly (typeof FIGURES)[number][]
}

export interface Totals {
  readonly lanes: number
  readonly waiting: number
  readonly active: number
  readonly delayed: number
  readonly throttledLately: number
  /** Accepted and not answered. */
  readonly held: number
  /** Outcomes that are not yet reported to Zeebe. */
  readonly outcomes: number
  /** Jobs that may be held: QUARRY_MAX_BACKLOG. */
  readonly maxHeld: number
  /** Live bedrock workers. */
  readonly workers: number
}

/** @param throttlesBefore - total throttles a minute ago; null when unknown. */
export function laneLine(
  {
    overview,
    oldestMs,
    quotaUsed,
    workers,
  }: Pick<LaneFigures, 'overview' | 'oldestMs' | 'quotaUsed' | 'workers'>,
  throttlesBefore: number | null,
): LaneLine {
  const { overrides, ...lane } = overview
  const { by, atMs } = overrides
  const { throttles } = lane.pace
  // Fewer than before: Redis lost its data and started counting from 0.
  const before = throttlesBefore !== null && throttlesBefore <= throttles ? throttlesBefore : throttles
  return {
    ...lane,
    oldestWaitMs: oldestMs > 0 ? oldestMs : null,
    usedRatio: quotaUsed,
    workers,
    throttledLately: throttles - before,
    draining: overrides.draining,
    changed: by === null || atMs === null ? null : { by, atMs },
    overridden: FIGURES.filter((figure) => overrides[figure] !== null),
  }
}

/** @param rest - figures of all lanes together. */
export function totalsOf(
  lanes: readonly LaneLine[],
  rest: Pick<Totals, 'held' | 'outcomes' | 'maxHeld' | 'workers'>,
): Totals {
  const sum = (figure: (lane: LaneLine) => number) => lanes.reduce((all, lane) => all + figure(lane), 0)
  return {
    lanes: lanes.length,
    waiting: sum(({ waiting }) => waiting),
    active: sum(({ active }) => active),
    delayed: sum(({ delayed }) => delayed),
    throttledLately: sum(({ throttledLately }) => throttledLately),
    ...rest,
  }
}
