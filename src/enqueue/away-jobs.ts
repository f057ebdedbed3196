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
