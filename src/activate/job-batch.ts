// Gathers jobs that are pushed one by one, since they are accepted many at a time: one batch on its way, the next
// ones gathering meanwhile. It never makes its giver wait: a job that was pushed is leased, so it is read.
import type { ActivatedJob } from '../job/activated-job.ts'

export interface JobBatch {
  add(job: ActivatedJob): void
  /** Hands on what is gathered and waits until all is handed on. */
  flush(): Promise<void>
}

/** How long a first job waits for others, ms. */
const GATHER_MS = 2

/** Handed on together, in UTF-16 units: each job is there several times while it is put into its lane. */
const MOST_UNITS = 4 * 1024 * 1024

/** How many of the first are not too large to be handed on together: one at the least. */
export function withinBytes(jobs: readonly ActivatedJob[]): number {
  let units = 0
  const tooMany = jobs.findIndex(({ variables, customHeaders }) => {
    units += variables.length + customHeaders.length
    return units > MOST_UNITS
  })
  return tooMany === -1 ? jobs.length : Math.max(1, tooMany)
}

/** @param handOn must not reject. */
export function makeJobBatch(
  most: number,
  handOn: (jobs: readonly ActivatedJob[]) => Promise<void>,
): JobBatch {
  const gathered: ActivatedJob[] = []
  let timer: NodeJS.Timeout | undefined
  let handing: Promise<void> | undefined
  const handAll = async (): Promise<void> => {
    while (gathered.length > 0) await handOn(gathered.splice(0, Math.min(most, withinBytes(gathered))))
    handing = undefined
  }
  const hand = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (gathered.length > 0) handing ??= handAll()
  }
  return {
    add(job) {
      gathered.push(job)
      if (gathered.length >= most) hand()
      else if (handing === undefined) timer ??= setTimeout(hand, GATHER_MS)
    },
    async flush() {
      hand()
      await handing
    },
  }
}
