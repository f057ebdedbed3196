// Bounds the lane labels of metrics: diagrams choose lane names, so there may be any number.
import type { LaneName } from '../job/ids.ts'
import { laneName } from '../job/lane.ts'
import type { Events, QuarryEvents } from './events.ts'

/** The label of all lanes beyond the bound. */
export const OTHER = laneName({ account: 'other', region: 'other', model: 'other' })

interface BoundedLanes {
  /** The same events, in which lanes beyond the bound are {@link OTHER}. */
  readonly events: Pick<Events, 'on'>
  /** Keeps the labels of these lanes; other lanes lose theirs. */
  keep(lanes: ReadonlySet<LaneName>): void
}

export function boundLanes(events: Events, most: number): BoundedLanes {
  const known = new Set<LaneName>()
  const nameOf = (lane: LaneName): LaneName => {
    if (!known.has(lane) && known.size >= most) return OTHER
    known.add(lane)
    return lane
  }
  const bounded = <Data>(data: Data): Data => {
    if (typeof data !== 'object' || data === null || !('lane' in data)) return data
    return typeof data.lane === 'string' ? { ...data, lane: nameOf(data.lane as LaneName) } : data
  }
  const on = (name: keyof QuarryEvents, listener: (...data: readonly unknown[]) => void): unknown =>
    events.on(name, ((...data: readonly unknown[]) => listener(...data.map(bounded))) as never)
  return {
    events: { on } as unknown as Pick<Events, 'on'>,
    keep(lanes) {
      for (const lane of known) if (!lanes.has(lane)) known.delete(lane)
    },
  }
}
