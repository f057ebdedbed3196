// Lanes as labels of metrics: no more of them than there may be at a time. A lane's name is any text of a diagram.
import type { LaneName } from '../job/ids.ts'
import { laneName } from '../job/lane.ts'
import type { Events, QuarryEvents } from './events.ts'

/** What all lanes beyond the bound are called. */
export const OTHER = laneName({ account: 'other', region: 'other', model: 'other' })

export interface BoundedLanes {
  /** The same events, in which lanes beyond the bound are {@link OTHER}. */
  readonly events: Pick<Events, 'on'>
  /** These lanes are there; others that were met have no name of their own any more. */
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
