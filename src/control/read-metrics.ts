// Metrics whose values are read at each scrape. They have no samples while nothing can be read.
import { Counter, Gauge, type Registry } from 'prom-client'
import { answerWithin } from '../time/bounded-wait.ts'

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

/** The latest reading; null when it fails. Never rejects. */
type Snapshot<T> = () => Promise<T | null>

interface SnapshotOptions {
  /** False while reading is known to fail. */
  readonly available: () => boolean
  /** ms, from any start. */
  readonly now: () => number
}

/** How long a reading is used. */
const KEPT_MS = 1_000
/** A scrape must get an answer even if Redis goes silent during a reading. */
const PATIENCE_MS = 2_000

export function makeSnapshot<T>(read: () => Promise<T>, { available, now }: SnapshotOptions): Snapshot<T> {
  let last: { readonly at: number; readonly reading: Promise<T | null> } | null = null
  return async () => {
    if (!available()) return null
    if (last === null || now() - last.at >= KEPT_MS)
      last = { at: now(), reading: answerWithin(PATIENCE_MS, read()).catch(() => null) }
    return last.reading
  }
}
