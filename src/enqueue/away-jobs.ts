// How long a job stays away that goes back to Zeebe, and which of the coming jobs are taken before those that are away. Pure.
import type { JobKey } from '../job/ids.ts'

const SHORTEST_MS = 20_000
const LONGEST_MS = 600_000
/** ms per job that is away: keeps jobs that come back and are returned again at about 33 a second, however many are away. */
const PER_JOB_MS = 40

/**
 * How long a job stays away, ms, if `away` jobs are away; jittered, so that they do not come back together. If its lane has room sooner,
 * it is called back.
 */
export function timeAway(away: number, random: () => number): number {
  return Math.round((0.5 + 0.5 * random()) * Math.min(LONGEST_MS, Math.max(SHORTEST_MS, away * PER_JOB_MS)))
}

/** The lease to activate jobs with while most of them go back, ms: the middle of {@link timeAway}. */
export function leaseAway(away: number): number {
  return timeAway(away, () => 0.5)
}

/** A lease may end up to this many times later, or sooner, than the job is to come back. */
const LATER = 1.5
const SOONER = 3

/**
 * Whether the lease of a job that goes back for `awayMs` must be changed. It need not where it ends at about that time, which saves Zeebe
 * a command for most jobs. @returns how long the job then stays away, ms, and whether Zeebe is told.
 */
export function leaveFor(
  awayMs: number,
  leaseMs: number,
): { readonly awayMs: number; readonly told: boolean } {
  const told = leaseMs > LATER * awayMs || leaseMs < awayMs / SOONER
  return { awayMs: told ? awayMs : leaseMs, told }
}

/** A job that has come, and what is known of it. */
export interface ArrivedJob {
  readonly key: JobKey
  /** Its place among the jobs of its lane that have been away, smaller is older; null: it has not been away, so it is newest. */
  readonly order: number | null
  /** How many of the jobs that are away are older. */
  readonly older: number
  /** Whether it was called back: room is kept for it. */
  readonly recalled: boolean
}

/**
 * Asks for each job, oldest first, whether it has room behind the older jobs that have none: those that are away, and those of `jobs`
 * that were refused. @returns the refused jobs.
 */
export function chooseLeft<Job extends ArrivedJob>(
  jobs: readonly Job[],
  hasRoom: (older: number) => boolean,
): readonly Job[] {
  const left: Job[] = []
  const order = (job: Job): number => job.order ?? Number.POSITIVE_INFINITY
  const oldestFirst = jobs.toSorted((one, other) =>
    order(one) < order(other) ? -1 : order(one) > order(other) ? 1 : 0,
  )
  for (const job of oldestFirst) if (!hasRoom(job.recalled ? 0 : job.older + left.length)) left.push(job)
  return left
}
