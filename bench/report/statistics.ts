// Percentiles and medians of the benchmarks. Pure.

/** The percentile of a share (0 to 1): the smallest value with at least that share at or below it; null without values. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}

/** The median; of an even number of values the lower one. Null means never, and sorts above all numbers. */
export function median(values: readonly (number | null)[]): number | null {
  const size = (value: number | null) => value ?? Number.POSITIVE_INFINITY
  // Infinity less itself is no number.
  const sorted = [...values].sort((a, b) => (size(a) === size(b) ? 0 : size(a) - size(b)))
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? null
}
