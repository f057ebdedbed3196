// The demo's results as a table. Pure.

export interface DemoSummary {
  readonly instances: number
  readonly completed: number
  readonly incidents: number
  /** Instances that completed with variables other than they should have. */
  readonly wrong: number
  readonly calls: number
  readonly throttled: number
  readonly retried: number
  /** From the start of an instance to its end, ms. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly tookMs: number
  /** The least time the quotas allow for these calls, ms; null where there are none. */
  readonly quotaAllowsMs: number | null
}

/** Whether every instance completed, with the right variables and no incident. */
export function endedRight(summary: DemoSummary): boolean {
  return summary.completed === summary.instances && summary.incidents === 0 && summary.wrong === 0
}

/** The value below which the share `quantile` (0 to 1) of the values lies; 0 for none. */
export function percentile(values: readonly number[], quantile: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(quantile * sorted.length) - 1)] ?? 0
}

export function summaryTable(summary: DemoSummary): string {
  const { instances, completed, wrong, quotaAllowsMs, tookMs } = summary
  const rows: [string, string][] = [
    [
      'instances completed',
      `${completed} of ${instances}${wrong > 0 ? `, ${wrong} with wrong variables` : ''}`,
    ],
    ['incidents', String(summary.incidents)],
    ['Bedrock calls', String(summary.calls)],
    ['throttled (429)', String(summary.throttled)],
    ['put back and sent again', String(summary.retried)],
    ['instance p50 / p99', `${seconds(summary.p50Ms)} / ${seconds(summary.p99Ms)}`],
    ['time', seconds(tookMs)],
  ]
  // A few calls are within the first second's burst: then the quota says nothing of the time.
  if (quotaAllowsMs !== null && quotaAllowsMs >= 1_000) {
    const percent = Math.round((100 * quotaAllowsMs) / tookMs)
    rows.push(['the quota allows', `${seconds(quotaAllowsMs)} at best: ${percent} % of it used`])
  }
  return rows.map(([name, value]) => `  ${name.padEnd(26)}${value}`).join('\n')
}

const FEW =
  '\n  So few calls fit into the quota, so the plain worker was not throttled. Compare with 200 instances or more.'

const GIVEN_UP =
  '\n  Times are those of completed instances: an incident has none until a person resolves it.'

/** Both contenders side by side. */
export function comparedTable(quarry: DemoSummary, plain: DemoSummary): string {
  const row = (name: string, value: (summary: DemoSummary) => string) =>
    `  ${name.padEnd(26)}${value(quarry).padEnd(18)}${value(plain)}`
  return [
    `  ${''.padEnd(26)}${'Quarry'.padEnd(18)}plain worker`,
    row('instances completed', ({ completed, instances }) => `${completed} of ${instances}`),
    row('incidents', ({ incidents }) => String(incidents)),
    row('Bedrock calls', ({ calls }) => String(calls)),
    row('throttled (429)', ({ throttled }) => String(throttled)),
    row('instance p50 / p99', ({ p50Ms, p99Ms }) => `${seconds(p50Ms)} / ${seconds(p99Ms)}`),
    row('time', ({ tookMs }) => seconds(tookMs)),
    ...(plain.throttled === 0 ? [FEW] : []),
    ...(plain.completed < plain.instances ? [GIVEN_UP] : []),
  ].join('\n')
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}
