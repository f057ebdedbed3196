// When leases are extended. Pure.

const SHORTEST_MS = 10_000
/** So that extending is at most 100 commands a second over all adapters, as long as a third of a lease allows it. */
const PER_JOB_MS = 10

/**
 * ms between two extensions of one lease. An extension also tells whether the job still exists, so it comes early
 * where few jobs are held; never later than after a third of the lease, so that two may fail.
 * @param held jobs that wait or run, of all adapters.
 */
export function leaseInterval(leaseMs: number, held: number): number {
  return Math.min(leaseMs / 3, Math.max(SHORTEST_MS, held * PER_JOB_MS))
}

/** ms until a lease is tried again that could not be extended. */
export function triedAgainAfter(leaseMs: number): number {
  return leaseMs / 12
}

const SLOWEST_ROUND_MS = 1_000
const LONGEST_PAUSE_MS = 5_000

/**
 * ms between two looks for leases that are due: short against the lease; growing, with jitter, while Zeebe or Redis is
 * away or busy, but no longer than until the leases that could not be extended are due again.
 * @param troubles looks in a row that met with trouble.
 */
export function sweepPause(leaseMs: number, troubles: number, random: () => number): number {
  const grown = Math.min(SLOWEST_ROUND_MS, leaseMs / 30) * 2 ** Math.min(troubles, 10)
  return (0.5 + 0.5 * random()) * Math.min(LONGEST_PAUSE_MS, triedAgainAfter(leaseMs), grown)
}

/**
 * ms from activation until a lease is first extended. One that a task asked for itself and that is longer than ours is
 * not shortened: it is extended when as much of it is left as of ours would be.
 */
export function firstExtension(leaseMs: number, ownLeaseMs: number): number {
  return Math.max(ownLeaseMs / 3, ownLeaseMs - (2 / 3) * leaseMs)
}
