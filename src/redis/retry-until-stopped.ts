// Retries writes that must not be lost: a paid answer, a job on its way into a lane. Redis may refuse them for a while (out of memory,
// read-only after a failover, loading); giving up would mean paying again, or waiting for a lease to end.
import { pause } from '../time/bounded-wait.ts'

const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 5_000

/** Retries a step until Redis accepts it. Rejects when given up. */
export type Insist = <T>(step: () => Promise<T>) => Promise<T>

export interface Trying {
  readonly stopping: AbortSignal
  readonly onFailure: (error: unknown) => void
}

/**
 * Retries `work` until it succeeds; after `stopping` aborts, the next failure is thrown. It runs once in any case, so that a stopping
 * process still stores what it has. Use {@link askUntilStopped} for reads and for starting something.
 * @throws the last rejection of `work`.
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
 * Asks until there is an answer; null if `stopping` aborts first, after which nothing is asked. An answer already on its way is
 * returned all the same: what it grants has to be given back.
 */
export async function askUntilStopped<T>(ask: () => Promise<T>, trying: Trying): Promise<T | null> {
  if (trying.stopping.aborted) return null
  return retryUntilStopped(() => (trying.stopping.aborted ? Promise.resolve(null) : ask()), trying).catch(
    () => null,
  )
}
