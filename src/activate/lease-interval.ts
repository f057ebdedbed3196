// When leases are extended. Pure.

const SHORTEST_MS = 10_000
/** Keeps extensions at 100 commands a second over all adapters, as long as a third of the lease allows it. */
const PER_JOB_MS = 10

/**
 * ms between two extensions of one lease. An extension also shows whether Zeebe still has the job, so few jobs are extended often; never
 * later than a third of the lease, so that two extensions may fail.
 * @param held - jobs that wait or run, over all adapters.
 */
export function leaseInterval(leaseMs: number, held: number): number {
  return Math.min(leaseMs / 3, Math.max(SHORTEST_MS, held * PER_JOB_MS))
}

/** ms until a failed extension is retried. */
export function triedAgainAfter(leaseMs: number): number {
  return leaseMs / 12
}

const SLOWEST_ROUND_MS = 1_000
const LONGEST_PAUSE_MS = 5_000

/**
 * ms between two sweeps: short against the lease. Grows with jitter while Zeebe or Redis is away or busy, but not beyond the retry of a
 * failed extension.
 * @param troubles - failed sweeps in a row.
 */
export function sweepPause(leaseMs: number, troubles: number, random: () => number): number {
  const grown = Math.min(SLOWEST_ROUND_MS, leaseMs / 30) * 2 ** Math.min(troubles, 10)
  return (0.5 + 0.5 * random()) * Math.min(LONGEST_PAUSE_MS, triedAgainAfter(leaseMs), grown)
}

/**
 * ms from activation until the first extension. A task's own lease that is longer than ours is not shortened: it is extended when
 * as much of it is left as would be left of ours.
 */
export function firstExtension(leaseMs: number, ownLeaseMs: number): number {
  return Math.max(ownLeaseMs / 3, ownLeaseMs - (2 / 3) * leaseMs)
}
