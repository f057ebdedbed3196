// What the overview shows, for all who look at it: lanes, sums, and the last quarter of an hour of each lane.
import type { LaneOverview } from '../control/lane-overview.ts'
import type { SharedFigures } from '../control/shared-figures.ts'
import type { LaneName } from '../job/ids.ts'
import { type History, makeLaneHistory, SAMPLE_EVERY_MS } from './lane-history.ts'
import { type LaneFigures, type LaneLine, laneLine, type Totals, totalsOf } from './lane-line.ts'
import { makeSharedLook } from './shared-look.ts'

export interface LaneBoardParts {
  readonly lanes: () => Promise<readonly LaneOverview[]>
  readonly figures: () => Promise<BoardFigures>
  readonly maxHeld: number
  /** Whether Redis is there. */
  readonly available: () => boolean
  /** ms since the epoch. */
  readonly now: () => number
}

/** What is known besides. */
export interface BoardFigures {
  readonly byLane: ReadonlyMap<LaneName, LaneFigures>
  readonly sums: Pick<Totals, 'held' | 'outcomes' | 'workers'>
}

export function boardFigures({ lanes, held, outcomes, workers }: SharedFigures): BoardFigures {
  const byLane = lanes.map(({ name, oldestMs, quotaUsed }): [LaneName, LaneFigures] => [
    name,
    { oldestWaitMs: oldestMs > 0 ? oldestMs : null, usedRatio: quotaUsed },
  ])
  return { byLane: new Map(byLane), sums: { held, outcomes, workers } }
}

export interface BoardView {
  readonly lanes: readonly LaneLine[]
  readonly totals: Totals
}

export interface BoardAnswer {
  /** Null before the first look at Redis. */
  readonly view: BoardView | null
  /** When Redis was looked at, ms since the epoch. */
  readonly atMs: number | null
  /** Since when Redis does not answer; null when it does. */
  readonly awaySinceMs: number | null
}

export interface LaneBoard {
  latest(): Promise<BoardAnswer>
  history(): History
  /** Something was changed: the next look is a new one. */
  forget(): void
  /** Begins to take samples. Idempotent. */
  start(): void
  stop(): void
}

const NO_FIGURES: LaneFigures = { oldestWaitMs: null, usedRatio: null }

export function makeLaneBoard(parts: LaneBoardParts): LaneBoard {
  const { maxHeld, available, now } = parts
  const past = makeLaneHistory()
  const look = async () => {
    const [lanes, figures] = await Promise.all([parts.lanes(), parts.figures()])
    return { lanes, figures }
  }
  const shared = makeSharedLook({ look, available, now })
  let timer: NodeJS.Timeout | undefined
  const sample = async (): Promise<void> => {
    const { look, awaySinceMs } = await shared.latest()
    if (look !== null && awaySinceMs === null) past.add(look.seen.lanes, look.atMs)
  }
  return {
    async latest() {
      const { look, awaySinceMs } = await shared.latest()
      if (look === null) return { view: null, atMs: null, awaySinceMs }
      const { lanes: overviews, figures } = look.seen
      const lanes = overviews.map((lane) =>
        laneLine(
          lane,
          figures.byLane.get(lane.name) ?? NO_FIGURES,
          past.throttlesBefore(lane.name, look.atMs),
        ),
      )
      const totals = totalsOf(lanes, { ...figures.sums, maxHeld })
      return { view: { lanes, totals }, atMs: look.atMs, awaySinceMs }
    },
    history: past.read,
    forget: shared.forget,
    start() {
      if (timer !== undefined) return
      void sample()
      timer = setInterval(() => void sample(), SAMPLE_EVERY_MS)
    },
    stop() {
      clearInterval(timer)
    },
  }
}
