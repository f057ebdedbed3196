// How long a job goes back to Zeebe, and which of those that come are taken before those that are away. Pure.
import type { JobKey } from '../job/ids.ts'

const SHORTEST_MS = 20_000
const LONGEST_MS = 600_000
/** Jobs that come back and are returned again are about 33 a second, whatever number is away, ms for each. */
const PER_JOB_MS = 40

/**
 * How long a job that is one of `away` stays away, ms, jittered so that they do not come back together. When its lane has
 * room before, it is called back.
 */
export function timeAway(away: number, random: () => number): number {
  return Math.round((0.5 + 0.5 * random()) * Math.min(LONGEST_MS, Math.max(SHORTEST_MS, away * PER_JOB_MS)))
}

/** The lease that jobs are to be activated with while most of them go back: as long as those stay away in the middle, ms. */
export function leaseAway(away: number): number {
  return timeAway(away, () => 0.5)
}

/** So many times later, or sooner, than a job is to come back its lease may end as well. */
const LATER = 1.5
const SOONER = 3

/**
 * What is told of a job that goes back for `awayMs` and has a lease: nothing where that ends by about then, which saves Zeebe a
 * command for each job that is only in the way. @returns for how long it is away then, ms, and whether its lease is to be changed.
 */
export function leaveFor(
  awayMs: number,
  leaseMs: number,
): { readonly awayMs: number; readonly told: boolean } {
  const told = leaseMs > LATER * awayMs || leaseMs < awayMs / SOONER
  return { awayMs: told ? awayMs : leaseMs, told }
}

/** A job that comes. */
export interface ComingJob {
  readonly key: JobKey
  /** Its place among those of its lane that have been away, smaller is older; null: it has not been, so it is the newest. */
  readonly order: number | null
  /** How many that are away are older. */
  readonly older: number
  /** Whether it was called back: it has its room. */
  readonly recalled: boolean
}

/**
 * Oldest first, with the number of those that are older and have no room: those that are away, and those that came with
 * it and have to go, as `hasRoom` says. @returns those that have to go.
 */
export function chooseLeft<Job extends ComingJob>(
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
