// When work is to stop. A worker ends in two moments: it is told to stop, and then its grace is over. A job may be withdrawn at any
// time, as Zeebe does not know it any more. Which of these ends what is said here, once: every wait takes the signal of what it does.

/** Each is aborted when that is not to be done any more. */
export interface StopSignals {
  /** Beginning anything, a call above all. Ends when the worker is told to stop, or the job is withdrawn. */
  readonly beginning: AbortSignal
  /** A call that runs. Ends with the worker's grace, or when the job is withdrawn, as nobody wants the answer. */
  readonly calling: AbortSignal
  /** Asking Redis again for what it refuses. Ends with the worker's grace only: the answer of a withdrawn job was paid for, too. */
  readonly insisting: AbortSignal
}

/** The end of a worker, and of what it executes. */
export interface WorkerStop extends StopSignals {
  /** Nothing more is begun; what runs goes on. */
  leave(): void
  /** The grace is over: calls are ended, and what Redis refuses is given up. */
  cut(): void
  /** The signals of one job, and what withdraws it. */
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
