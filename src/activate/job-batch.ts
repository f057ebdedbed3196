// Gathers jobs that are pushed one by one, since they are accepted many at a time: one batch on its way, the next
// one gathering meanwhile.
import type { ActivatedJob } from '../job/activated-job.ts'

export interface JobBatch {
  /** Takes a job. Returns a promise when there is no room for another before it resolves. */
  add(job: ActivatedJob): Promise<void> | undefined
  /** Hands on what is gathered and waits until all is handed on. */
  flush(): Promise<void>
}

/** How long a first job waits for others, ms. */
const GATHER_MS = 2

/** @param handOn must not reject. */
export function makeJobBatch(
  most: number,
  handOn: (jobs: readonly ActivatedJob[]) => Promise<void>,
): JobBatch {
  let gathered: ActivatedJob[] = []
  let timer: NodeJS.Timeout | undefined
  let handing: Promise<void> | undefined
  const hand = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    if (handing !== undefined) return handing
    if (gathered.length === 0) return Promise.resolve()
    const jobs = gathered
    gathered = []
    handing = handOn(jobs).then(() => {
      handing = undefined
      return hand()
    })
    return handing
  }
  return {
    add(job) {
      gathered.push(job)
      if (gathered.length >= most) return hand()
      if (handing === undefined) timer ??= setTimeout(hand, GATHER_MS)
      return undefined
    },
    flush: hand,
  }
}
