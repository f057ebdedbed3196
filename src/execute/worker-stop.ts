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
  /** The signals of one job, and the function that withdraws it. */
  ofJob(): { readonly stop: StopSignals; readonly withdraw: () => void }
}

export function makeWorkerStop(): WorkerStop {
  const [leaving, ending] = [new AbortController(), new AbortController()]
  return {
    beginning: AbortSignal.any([leaving.signal, ending.signal]),
    calling: ending.signal,
    insisting: ending.signal,
    leave: () => leaving.abort(),
    cut: () => ending.abort(),
    ofJob() {
      const withdrawn = new AbortController()
      const stop: StopSignals = {
        beginning: AbortSignal.any([leaving.signal, ending.signal, withdrawn.signal]),
        calling: AbortSignal.any([ending.signal, withdrawn.signal]),
        insisting: ending.signal,
      }
      return { stop, withdraw: () => withdrawn.abort() }
    },
  }
}
