// Stops containers.
import type { StartedTestContainer } from 'testcontainers'

/**
 * Makes the end of a container, idempotent.
 * @param signal testcontainers cannot be interrupted: a container that comes up after the abort is ended again.
 * @throws the signal's reason.
 */
export async function endOf(
  container: StartedTestContainer,
  signal: AbortSignal | undefined,
): Promise<() => Promise<void>> {
  let stopped: Promise<unknown> | undefined
  const stop = async (): Promise<void> => {
    stopped ??= container.stop()
    await stopped
  }
  if (signal?.aborted) {
    await stop()
    signal.throwIfAborted()
  }
  return stop
}
