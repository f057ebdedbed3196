// The chart of README.md: the load that the stock connector was measured with, and what the others made of it. Pure.
import type { Results } from '../pace/table.ts'
import { barCharts, type Chart } from './bar-chart.ts'

/** A measurement of `bench/results/stock-connector.json`; what was not counted is missing. */
export interface StockCase {
  readonly load: string
  readonly setting: string
  readonly runtime: string
  readonly jobs: number
  readonly completed?: number
  readonly incidents?: number
  readonly throttledCalls?: number
  readonly calls?: number
}

export interface StockResults {
  readonly how: string
  readonly cases: Readonly<Record<string, StockCase>>
}

/** @throws Error when a measurement that the chart shows is missing. */
export function comparisonChart(pace: Results, { cases }: StockResults): string {
  const contenders = pace['stock']?.contenders
  const rows = [
    { label: 'stock connector 8.9, defaults', figures: cases['defaults-8.9'] },
    { label: 'stock connector 8.9, retryBackoff of 10 s', figures: cases['backoff-8.9'] },
    { label: 'stock connector 8.8, 64 threads', figures: cases['threads-64'] },
    { label: 'plain worker, adaptive retries', figures: contenders?.['sdk-adaptive']?.median },
    { label: 'Quarry', figures: contenders?.quarry?.median },
  ]
  const chart = (title: string, figure: 'incidents' | 'throttledCalls'): Chart => ({
    title,
    bars: rows.map(({ label, figures }) => {
      const value = figures?.[figure]
      if (typeof value !== 'number') throw new Error(`No ${figure} of "${label}" were measured.`)
      return { label, value, text: value.toLocaleString('en'), pale: label !== 'Quarry' }
    }),
  })
  return barCharts([
    chart('Incidents (300 jobs at once, 1 s each, a quota of 600 calls a minute)', 'incidents'),
    chart('Calls that Bedrock throttled (429), for the same 300 jobs', 'throttledCalls'),
  ])
}
