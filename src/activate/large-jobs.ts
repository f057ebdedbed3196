// Hands large jobs on one by one, in a line of their own, so that a small job that came with ten large ones waits for none of them.
// Tenants and processes take turns.
import type { ActivatedJob } from '../job/activated-job.ts'
import { FairQueue } from '../job/fair-queue.ts'
import { LARGE_UNITS, unitsOf } from '../job/large-job.ts'

export interface LargeJobs {
  /** Takes the large ones of activated jobs, and gives back the others. @param leaseMs - their lease. */
  take(jobs: readonly ActivatedJob[], leaseMs: number): readonly ActivatedJob[]
  /** Resolves once the line is short enough to activate more jobs. */
  room(): Promise<void>
  /** Resolves when all of them are handed on. */
  ended(): Promise<void>
}

/** Above this many UTF-16 units in the line, no more jobs are activated. */
const MOST_UNITS = 32 * 1024 * 1024

/** @param handOn - must not reject. */
export function makeLargeJobs(
  handOn: (job: ActivatedJob, leaseMs: number) => Promise<void>,
  mostUnits = MOST_UNITS,
): LargeJobs {
  const line = new FairQueue<{ readonly job: ActivatedJob; readonly leaseMs: number }>()
  const waiting: (() => void)[] = []
  let units = 0
  let handing: Promise<void> | null = null
  const handAll = async (): Promise<void> => {
    for (let next = line.take(); next !== undefined; next = line.take()) {
      await handOn(next.job, next.leaseMs)
      units -= unitsOf(next.job)
      if (units <= mostUnits) for (const go of waiting.splice(0)) go()
    }
    handing = null
  }
  return {
    take(jobs, leaseMs) {
      const others: ActivatedJob[] = []
      for (const job of jobs) {
        if (unitsOf(job) < LARGE_UNITS) others.push(job)
        else {
          line.add(job, { job, leaseMs })
          units += unitsOf(job)
        }
      }
      if (line.size > 0) handing ??= handAll()
      return others
    },
    async room() {
      if (units > mostUnits) await new Promise<void>((resolve) => waiting.push(resolve))
    },
    async ended() {
      await handing
    },
  }
}
