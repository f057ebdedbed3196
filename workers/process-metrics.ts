// Metrics that every process has, whatever its roles.
import type { Registry } from 'prom-client'
import { listCost } from '../src/budgets/model-prices.ts'
import type { LaneName } from '../src/job/ids.ts'
import type { Settings } from '../src/settings/settings.ts'
import { countCost } from '../src/telemetry/budget-metrics.ts'
import { countConnector } from '../src/telemetry/connector-metrics.ts'
import type { Events } from '../src/telemetry/events.ts'
import { boundLanes, keepLaneSeries, OTHER } from '../src/telemetry/lane-series.ts'
import { makeMetrics } from '../src/telemetry/metrics.ts'
import { makeService, type Service } from '../src/time/service.ts'
import type { ProcessParts } from './role.ts'

interface ProcessMetrics {
  readonly metrics: Registry
  /** Keeps the series of these lanes only. */
  keepLanes(lanes: ReadonlySet<LaneName>): Promise<void>
}

export function processMetrics(
  { jobType, maxLanes }: Settings,
  events: Events,
  version: string,
): ProcessMetrics {
  const lanes = boundLanes(events, maxLanes)
  const metrics = makeMetrics(lanes.events, version)
  countCost(lanes.events, metrics, listCost())
  countConnector(events, metrics, jobType)
  return {
    metrics,
    async keepLanes(names) {
      lanes.keep(names)
      await keepLaneSeries(metrics, [...names, OTHER])
    },
  }
}

const EVERY_MS = 60_000

/** Follows which lanes exist. A lane is dropped when it is missing twice in a row: by then its last values have been scraped. */
export function followLanes(
  { registry, events }: ProcessParts,
  keepLanes: ProcessMetrics['keepLanes'],
): Service {
  let last: readonly LaneName[] = []
  return makeService({
    name: 'looking for lanes that are gone',
    async round() {
      const now = (await registry.list()).map(({ name }) => name)
      await keepLanes(new Set([...last, ...now]))
      last = now
      return EVERY_MS
    },
    onFault: (fault) => events.emit('fault', fault),
    firstAfterMs: EVERY_MS,
    afterFaultMs: () => EVERY_MS,
  })
}
