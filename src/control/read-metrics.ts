// Metrics whose values are read at each scrape. They have no samples while nothing can be read.
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Snapshot } from './snapshot.ts'

/** One metric of a reading: a counter if its name ends in `_total`, otherwise a gauge. */
export interface ReadMetric<T> {
  readonly name: string
  readonly help: string
  /** @default none */
  readonly labelNames?: readonly string[]
  readonly of: (reading: T) => readonly MetricSample[]
}

export type MetricSample = readonly [labels: Readonly<Record<string, string>>, value: number]

/** The sample of a metric without labels. */
export function single(value: number): readonly MetricSample[] {
  return [[{}, value]]
}

export function addReadMetrics<T>(
  registry: Registry,
  snapshot: Snapshot<T>,
  metrics: readonly ReadMetric<T>[],
): void {
  for (const { name, help, labelNames = [], of } of metrics) {
    const options = { name, help, labelNames: [...labelNames], registers: [registry] }
    const fill = async (metric: Counter | Gauge): Promise<void> => {
      const reading = await snapshot()
      metric.reset()
      // A reset leaves a zero sample in a metric without labels.
      if (labelNames.length === 0) metric.remove()
      for (const [labels, value] of reading === null ? [] : of(reading)) metric.inc(labels, value)
    }
    if (name.endsWith('_total')) new Counter({ ...options, collect: fillThis(fill) })
    else new Gauge({ ...options, collect: fillThis(fill) })
  }
}

function fillThis<Metric>(fill: (metric: Metric) => Promise<void>) {
  return function (this: Metric): Promise<void> {
    return fill(this)
  }
}
