// Large jobs are handed on one by one, in a line of their own: a small one that came with ten of them waits for none. Tenants and
// processes take turns.
import type { ActivatedJob } from '../job/activated-job.ts'
import { FairQueue } from '../job/fair-queue.ts'
import { LARGE_UNITS, unitsOf } from '../job/large-job.ts'

export interface LargeJobs {
  /** Takes the large ones of some jobs, which were activated with a lease, ms; gives the others. */
  take(jobs: readonly ActivatedJob[], leaseMs: number): readonly ActivatedJob[]
  /** Resolves once there is room in the line, for more to be asked for. */
  room(): Promise<void>
  /** Resolves when all are handed on. */
  ended(): Promise<void>
}

/** UTF-16 units that may be in the line before no more are asked for. */
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
