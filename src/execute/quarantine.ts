// What becomes of a job whose worker died while it ran. Pure. Most such jobs were only there when a worker ended; one
// that ends every worker (out of memory, say) must not take the lane, and all jobs that run beside it, down with it.
import { type ConnectorError, inputError } from '../connector/connector-error.ts'
import type { Started } from '../ledger/job-store.ts'

export type Suspicion =
  | { readonly kind: 'run' }
  /** Not now: apart from the jobs that ran beside it when the worker died. */
  | { readonly kind: 'later'; readonly delayMs: number }
  /** Never again. */
  | { readonly kind: 'quarantine' }

/** One death is a crash or a lost node; more make a job suspect. */
const SUSPECT_FROM = 2
const BASE_MS = 500
const LONGEST_DELAY_MS = 60_000

/**
 * Judges a start. After each further death a suspect job waits for a random time that grows, `random * min(60 s,
 * 0.5 s * 2^deaths)`: jobs that were only there are then no longer so when the worker dies of the one that is the cause.
 * @param maxStarts starts that ended with a dead worker before a job is quarantined (`QUARRY_MAX_STARTS`).
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

/** Without retries: another try would take down more workers. */
export function quarantineError(deaths: number): ConnectorError {
  return inputError(
    `Quarantined: Quarry started this job ${deaths} times, and each time the worker process died while it ran. It is not started again by itself, as it may be what ends the workers: look at their last log lines and memory limits, and at the size of the documents and messages of this task. Resolve the incident to have it started again. QUARRY_MAX_STARTS sets the number of starts.`,
  )
}
