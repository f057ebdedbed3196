// The dashboard's variables as PromQL filters.

/** Of metrics without a lane. */
export const NAMESPACE = 'namespace=~"$namespace"'
/** Of metrics that have the label lane, with or without region and model: the variable holds the lanes of these. */
export const LANE = `${NAMESPACE}, lane=~"$lane"`
/** Of metrics that have region and model, and no lane. */
export const MODEL = `${NAMESPACE}, region=~"$region", model=~"$model"`

/** Increase by the second. */
export function rate(metric: string, filter: string): string {
  return `rate(${metric}{${filter}}[$__rate_interval])`
}

/** Only of Quarry's processes: other programs have these metrics, too. */
export function ofQuarry(expression: string): string {
  return `${expression} and on (instance, job) quarry_build_info{${NAMESPACE}}`
}

/** A quantile of a histogram, by labels. */
export function quantile(share: number, metric: string, filter: string, by: string): string {
  return `histogram_quantile(${share}, sum by (le, ${by}) (${rate(`${metric}_bucket`, filter)}))`
}

/**
 * The sum of a gauge that ops serves, by labels: while a new ops pod takes over from an old one, both serve it.
 * @param of the labels that its samples differ by
 */
export function sumOfShared(gauge: string, filter: string, of: readonly string[], by?: string): string {
  const once = `max by (namespace, ${of.join(', ')}) (${gauge}{${filter}})`
  return by === undefined ? `sum(${once})` : `sum by (${by}) (${once})`
}

/** Zero instead of nothing, for what is counted only when it happens. */
export function orZero(expression: string): string {
  return `${expression} or vector(0)`
}
