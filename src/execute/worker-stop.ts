// The signals that stop work. A worker ends in two steps: it is told to stop, then its grace period ends. A job can be withdrawn at any time,
// when Zeebe no longer knows it. Every wait takes the signal of the activity that it belongs to.

/** Each is aborted when its activity must end. */
export interface StopSignals {
  /** Starting anything, calls above all. Aborted when the worker is told to stop, or the job is withdrawn. */
  readonly beginning: AbortSignal
  /** A running call. Aborted at the end of the grace period, or when the job is withdrawn, as nobody needs the answer. */
  readonly calling: AbortSignal
  /** Retrying what Redis refuses. Aborted only at the end of the grace period: the answer of a withdrawn job was paid, too. */
  readonly insisting: AbortSignal
}

/** Stops a worker and its executions. */
export interface WorkerStop extends StopSignals {
  /** Starts nothing more; running calls continue. */
  leave(): void
  /** Ends the grace period: aborts calls and retries. */
  cut(): void
  /** The signals of one job, and the function that withdraws it; `ended` must be called at its end. */
  ofJob(): { readonly stop: StopSignals; readonly withdraw: () => void; readonly ended: () => void }
}

export function makeWorkerStop(): WorkerStop {
  const [leaving, ending] = [new AbortController(), new AbortController()]
  // Of the running jobs. `AbortSignal.any` for each would cost a call in flight more memory than its prompt.
  const jobs = new Set<{ readonly beginning: AbortController; readonly calling: AbortController }>()
  const leave = (): void => {
    leaving.abort()
    for (const { beginning } of jobs) beginning.abort()
  }
  return {
    beginning: leaving.signal,
    calling: ending.signal,
    insisting: ending.signal,
    leave,
    cut() {
      leave()
      ending.abort()
      for (const { calling } of jobs) calling.abort()
    },
    ofJob() {
      const job = { beginning: new AbortController(), calling: new AbortController() }
      if (leaving.signal.aborted) job.beginning.abort()
      if (ending.signal.aborted) job.calling.abort()
      jobs.add(job)
      return {
        stop: {
          beginning: job.beginning.signal,
          calling: job.calling.signal,
          insisting: ending.signal,
        },
        withdraw() {
          job.beginning.abort()
          job.calling.abort()
        },
        ended: () => void jobs.delete(job),
      }
    },
  }
}
