// How long to wait before the next poll. Pure.

export interface PollResult {
  readonly kind: 'jobs' | 'empty' | 'failed'
  /** How long the gateway held the request open, ms. */
  readonly heldMs: number
  /** Polls in a row with this kind of result, including this one. */
  readonly times: number
  readonly streamOpen: boolean
}

/** An empty answer that came sooner was not held open: the gateway does no long polling. */
const HELD_ABOVE_MS = 1_000
const QUICKEST_MS = 20
const SLOWEST_WITHOUT_STREAM_MS = 250
const SLOWEST_WITH_STREAM_MS = 2_000
const SLOWEST_AFTER_FAILURE_MS = 5_000

/**
 * ms until the next poll: 0 after jobs, and after a request that was held open. Grows after quick empty answers, so that a gateway
 * without long polling is not polled in a tight loop; grows with jitter after failures.
 */
export function pollDelay(result: PollResult, random: () => number): number {
  const grown = QUICKEST_MS * 2 ** Math.min(result.times - 1, 12)
  switch (result.kind) {
    case 'jobs':
      return 0
    case 'empty':
      if (result.heldMs > HELD_ABOVE_MS) return 0
      return Math.min(grown, result.streamOpen ? SLOWEST_WITH_STREAM_MS : SLOWEST_WITHOUT_STREAM_MS)
    case 'failed':
      return (0.5 + 0.5 * random()) * Math.min(SLOWEST_AFTER_FAILURE_MS, 5 * grown)
  }
}
