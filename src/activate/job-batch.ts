// Gathers jobs that are pushed one by one, because accepting many at a time is cheaper. One batch is handed on while the next one
// gathers. `add` never blocks: a pushed job is leased already, so the stream must be read on.
import type { ActivatedJob } from '../job/activated-job.ts'

export interface JobBatch {
  add(job: ActivatedJob): void
  /** Hands on what is gathered. Resolves when everything is handed on. */
  flush(): Promise<void>
}

/** How long the first job of a batch waits for others, ms. */
const GATHER_MS = 2

/** Most UTF-16 units of a batch: several copies of each job exist while it is put into its lane. */
const MOST_UNITS = 4 * 1024 * 1024

/** How many of the first jobs make a batch of bounded size: at least one. */
export function withinBytes(jobs: readonly ActivatedJob[]): number {
  let units = 0
  const tooMany = jobs.findIndex(({ variables, customHeaders }) => {
    units += variables.length + customHeaders.length
    return units > MOST_UNITS
  })
  return tooMany === -1 ? jobs.length : Math.max(1, tooMany)
}

/** @param handOn - must not reject. */
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
