// What every process counts, whatever its roles.
import type { Registry } from 'prom-client'
import { costUsd, makePrices } from '../src/pace/model-prices.ts'
import type { Settings } from '../src/settings/settings.ts'
import { countCost } from '../src/telemetry/budget-metrics.ts'
import { countConnector } from '../src/telemetry/connector-metrics.ts'
import type { Events } from '../src/telemetry/events.ts'
import { makeMetrics } from '../src/telemetry/metrics.ts'

export function processMetrics({ jobType }: Settings, events: Events, version: string): Registry {
  const metrics = makeMetrics(events, version)
  const prices = makePrices()
  countCost(events, metrics, (model, usage) => {
    const price = prices(model)
    return price === null ? null : costUsd(usage, price)
  })
  countConnector(events, metrics, jobType)
  return metrics
}
