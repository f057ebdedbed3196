// What a PromQL expression asks for, as far as these tests need it.

const METRIC = /\b(?:quarry|bullmq|camunda|process|nodejs)_[a-z0-9_]+\b(?!\s*=|")/g

/** The metrics in a text of PromQL, a histogram's parts by its own name. */
export function metricsIn(expression: string): string[] {
  return [...expression.matchAll(METRIC)].map(([name]) => name)
}

/** The name that a metric is documented by. */
export function familyOf(metric: string, known: ReadonlySet<string>): string {
  const family = metric.replace(/_(bucket|sum|count|max)$/, '')
  return known.has(metric) ? metric : family
}
