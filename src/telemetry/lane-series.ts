// Bounds the lane labels of metrics, and removes the series of lanes that are gone. Diagrams choose lane names: without this a process would
// keep, and serve, the series of every name it has ever seen.
import type { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { LaneName } from '../job/ids.ts'
import { laneName, parseLaneName } from '../job/lane.ts'
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

type Labels = Readonly<Record<string, string | number>>
type Metric = Counter | Gauge | Histogram

/** Labels that a series has for each of its values only. */
const OF_VALUES = new Set(['le', 'quantile'])

/** Removes the series of all other lanes, and of regions and models that none of the lanes has. */
export async function keepLaneSeries(registry: Registry, lanes: Iterable<LaneName>): Promise<void> {
  const names = new Set<string>(lanes)
  const places = new Set([...names].map(placeOf))
  for (const metric of registry.getMetricsAsArray() as unknown as readonly Metric[]) {
    // Metrics that are read at each scrape have no series of other lanes.
    if ('collect' in metric && metric.collect !== undefined) continue
    const gone = new Map<string, Labels>()
    for (const { labels } of (await metric.get()).values) {
      const own = Object.fromEntries(Object.entries(labels).filter(([name]) => !OF_VALUES.has(name)))
      if (isGone(own as Labels, names, places)) gone.set(JSON.stringify(own), own as Labels)
    }
    for (const labels of gone.values()) metric.remove(labels)
  }
}

function isGone(labels: Labels, names: ReadonlySet<string>, places: ReadonlySet<string>): boolean {
  const { lane, region, model } = labels
  if (typeof lane === 'string') return !names.has(lane)
  if (typeof model !== 'string') return false
  return typeof region === 'string' && !places.has(`${region} ${model}`)
}

function placeOf(lane: string): string {
  const { region, model } = parseLaneName(lane)
  return `${region} ${model}`
}
