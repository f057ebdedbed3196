// Removes the series of lanes that are gone. Diagrams choose lane names: without this a process would keep, and serve, the series of
// every name it has ever seen.
import type { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { LaneName } from '../job/ids.ts'
import { parseLaneName } from '../job/lane.ts'

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
