// For the writes that must not be lost: a paid answer, a job's way into its lane. Redis may refuse them for a
// while (out of memory, read-only after a failover, loading); giving up would mean paying again, or waiting for a lease to end.
import { pause } from '../time/bounded-wait.ts'

const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 5_000

/** Does a step until Redis takes it. Rejects once that is given up. */
export type Insist = <T>(step: () => Promise<T>) => Promise<T>

export interface Trying {
  readonly stopping: AbortSignal
  readonly onFailure: (error: unknown) => void
}

/**
 * Does `work` until it succeeds; once `stopping` is aborted, the next failure is final. It is done once in any case, so that a
 * process that stops still stores what it has: what only asks, or begins something, takes {@link askUntilStopped}.
 * @throws what `work` rejected with last.
 */
export async function retryUntilStopped<T>(
  work: () => Promise<T>,
  { stopping, onFailure }: Trying,
): Promise<T> {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(LONGEST_DELAY_MS, 2 * delayMs)) {
    try {
      return await work()
    } catch (error) {
      onFailure(error)
      if (stopping.aborted) throw error
      await pause(delayMs, stopping)
    }
  }
}

/**
 * Asks until there is an answer; null when `stopping` is aborted before, and nothing is asked after that. An answer that was
 * on its way then is given all the same: what it grants has to be given back.
 */
export async function askUntilStopped<T>(ask: () => Promise<T>, trying: Trying): Promise<T | null> {
  if (trying.stopping.aborted) return null
  return retryUntilStopped(() => (trying.stopping.aborted ? Promise.resolve(null) : ask()), trying).catch(
    () => null,
  )
}
