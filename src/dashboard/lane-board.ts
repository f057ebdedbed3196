// What the overview shows, for all who look at it: lanes, sums, and the last quarter of an hour of each lane.
import type { LaneOverview } from '../control/lane-overview.ts'
import type { SharedFigures } from '../control/shared-figures.ts'
import { makeService, type Service, type ServiceParts } from '../time/service.ts'
import { type History, makeLaneHistory, SAMPLE_EVERY_MS } from './lane-history.ts'
import { type LaneLine, laneLine, type Totals, totalsOf } from './lane-line.ts'
import { type Look, makeSharedLook } from './shared-look.ts'

export interface LaneBoardParts {
  readonly figures: () => Promise<SharedFigures>
  readonly maxHeld: number
  /** Whether Redis is there. */
  readonly available: () => boolean
  /** ms since the epoch. */
  readonly now: () => number
  readonly onFault: ServiceParts['onFault']
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

export interface LaneBoard extends Service {
  latest(): Promise<BoardAnswer>
  history(): History
  /** Lanes as they were seen last, without a look; null before the first. */
  last(): readonly LaneOverview[] | null
  /** Something was changed: the next look is a new one. */
  forget(): void
}

export function makeLaneBoard(parts: LaneBoardParts): LaneBoard {
  const { maxHeld, available, now } = parts
  const past = makeLaneHistory()
  const shared = makeSharedLook({ look: parts.figures, available, now })
  const sample = async (): Promise<void> => {
    const { look, awaySinceMs } = await shared.latest()
    if (look === null || awaySinceMs !== null) return
    const overviews = look.seen.lanes.map(({ overview }) => overview)
    past.add(overviews, look.atMs)
  }
  const viewOf = ({ seen: { held, outcomes, workers, ...seen }, atMs }: Look<SharedFigures>): BoardView => {
    const lanes = seen.lanes.map((figures) =>
      laneLine(figures, past.throttlesBefore(figures.overview.name, atMs)),
    )
    return { lanes, totals: totalsOf(lanes, { held, outcomes, workers, maxHeld }) }
  }
  const service = makeService({
    name: 'sampling lanes for the dashboard',
    async round() {
      const from = performance.now()
      await sample()
      return Math.max(0, SAMPLE_EVERY_MS - (performance.now() - from))
    },
    onFault: parts.onFault,
    // What it would still find out nobody is told.
    stopWithinMs: 0,
  })
  /** A look is made into a view once, however many ask. */
  let made: { readonly of: Look<SharedFigures>; readonly view: BoardView } | null = null
  return {
    ...service,
    async latest() {
      const { look, awaySinceMs } = await shared.latest()
      if (look === null) return { view: null, atMs: null, awaySinceMs }
      if (made?.of !== look) made = { of: look, view: viewOf(look) }
      return { view: made.view, atMs: look.atMs, awaySinceMs }
    },
    history: past.read,
    last: () => shared.last()?.seen.lanes.map(({ overview }) => overview) ?? null,
    forget: shared.forget,
  }
}
