// Decides about a job whose worker died while it ran. Pure. Most such jobs only happened to run when a worker died. But a job that kills every
// worker, for instance by its memory, must not take down the lane and all jobs that run beside it.
import { type ConnectorError, inputError } from '../connector/connector-error.ts'
import type { Started } from '../ledger/job-store.ts'

export type Suspicion =
  | { readonly kind: 'run' }
  /** Later, apart from the jobs that ran beside it when the worker died. */
  | { readonly kind: 'later'; readonly delayMs: number }
  /** Never again. */
  | { readonly kind: 'quarantine' }

/** One death can be a crash or a lost node; from two on a job is suspect. */
const SUSPECT_FROM = 2
const BASE_MS = 500
const LONGEST_DELAY_MS = 60_000

/**
 * Judges a start. A suspect job waits for a random time that grows with each death, `random * min(60 s, 0.5 s * 2^deaths)`. So innocent jobs
 * no longer run beside the one that kills the next worker.
 * @param maxStarts - starts that may end with a dead worker before the job is quarantined (`QUARRY_MAX_STARTS`).
 */
export function suspect(
  { deaths, died }: Pick<Started, 'deaths' | 'died'>,
  maxStarts: number,
  random: () => number,
): Suspicion {
  if (deaths >= maxStarts) return { kind: 'quarantine' }
  if (!died || deaths < SUSPECT_FROM) return { kind: 'run' }
  return { kind: 'later', delayMs: Math.ceil(random() * Math.min(LONGEST_DELAY_MS, BASE_MS * 2 ** deaths)) }
}

/** Without retries: another start would kill more workers. */
export function quarantineError(deaths: number): ConnectorError {
  return inputError(
    `Quarantined: Quarry started this job ${deaths} times, and each time the worker process died while it ran. It is not started again by itself, as it may be what ends the workers: look at their last log lines and memory limits, and at the size of the documents and messages of this task. Resolve the incident to have it started again. QUARRY_MAX_STARTS sets the number of starts.`,
  )
}
