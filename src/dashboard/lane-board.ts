// The data of the overview, shared by all pages: lanes, totals, and the last 15 minutes of each lane.
import type { LaneOverview } from '../control/lane-overview.ts'
import type { SharedFigures } from '../control/shared-figures.ts'
import { makeService, type Service, type ServiceParts } from '../time/service.ts'
import { type History, makeLaneHistory, SAMPLE_EVERY_MS } from './lane-history.ts'
import { type LaneLine, laneLine, type Totals, totalsOf } from './lane-line.ts'
import { type Look, makeSharedLook } from './shared-look.ts'

interface LaneBoardParts {
  readonly figures: () => Promise<SharedFigures>
  readonly maxHeld: number
  /** Whether Redis answers. */
  readonly available: () => boolean
  /** ms since the epoch. */
  readonly now: () => number
  readonly onFault: ServiceParts['onFault']
}

interface BoardView {
  readonly lanes: readonly LaneLine[]
  readonly totals: Totals
}

interface BoardAnswer {
  /** Null until Redis was read once. */
  readonly view: BoardView | null
  /** When Redis was read, ms since the epoch. */
  readonly atMs: number | null
  /** Since when Redis does not answer; null when it does. */
  readonly awaySinceMs: number | null
}

export interface LaneBoard extends Service {
  latest(): Promise<BoardAnswer>
  history(): History
  /** Lanes as they were read last, without a new read; null before the first. */
  last(): readonly LaneOverview[] | null
  /** Forces the next read, after a change. */
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
    // A stopping process needs no further sample.
    stopWithinMs: 0,
  })
  /** Each read is made into a view once, for all pages. */
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
