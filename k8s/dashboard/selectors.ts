// The dashboard's variables as PromQL filters.

/** For metrics without a lane. */
export const NAMESPACE = 'namespace=~"$namespace"'
/** For metrics with the label lane, with or without region and model. */
export const LANE = `${NAMESPACE}, lane=~"$lane"`
/** For metrics with region and model, but without lane. */
export const MODEL = `${NAMESPACE}, region=~"$region", model=~"$model"`

/** Increase per second. */
export function rate(metric: string, filter: string): string {
  return `rate(${metric}{${filter}}[$__rate_interval])`
}

/** Only Quarry's processes: other programs have these metrics too. */
export function ofQuarry(expression: string): string {
  return `${expression} and on (instance, job) quarry_build_info{${NAMESPACE}}`
}

/** A quantile of a histogram, by labels. */
export function quantile(share: number, metric: string, filter: string, by: string): string {
  return `histogram_quantile(${share}, sum by (le, ${by}) (${rate(`${metric}_bucket`, filter)}))`
}

/**
 * The sum of a gauge of the ops role, by labels. Two pods serve it while a new ops pod replaces an old one.
 * @param of - the labels by which its samples differ
 */
export function sumOfShared(gauge: string, filter: string, of: readonly string[], by?: string): string {
  const once = `max by (namespace, ${of.join(', ')}) (${gauge}{${filter}})`
  return by === undefined ? `sum(${once})` : `sum by (${by}) (${once})`
}

/** Zero instead of nothing, for counters without series before their first event. */
export function orZero(expression: string): string {
  return `${expression} or vector(0)`
}
