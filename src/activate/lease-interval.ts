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

/**
 * ms from activation until a lease is first extended. One that a task asked for itself and that is longer than ours is
 * not shortened: it is extended when as much of it is left as of ours would be.
 */
export function firstExtension(leaseMs: number, ownLeaseMs: number): number {
  return Math.max(ownLeaseMs / 3, ownLeaseMs - (2 / 3) * leaseMs)
}
