// For the writes that must not be lost: a paid answer, a job's way into its lane. Redis may refuse them for a
// while (out of memory, read-only after a failover, loading); giving up would mean paying again, or waiting for a lease to end.
import { pause } from '../time/bounded-wait.ts'

const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 5_000

/**
 * Does `work` until it succeeds; when `stopping` is aborted, the next failure is final.
 * @throws what `work` rejected with last.
 */
export async function keepTrying<T>(
  work: () => Promise<T>,
  { stopping, onFailure }: { readonly stopping: AbortSignal; readonly onFailure: (error: unknown) => void },
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
