// Redis's clock.

/** The answer of TIME in ms since the epoch. */
export function clockMs([seconds, micros]: readonly (string | number)[]): number {
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
}
