// Waiting for what a run comes to: a condition with an end of patience, never a time.
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_EVERY_MS = 100

/**
 * Looks until it is so.
 * @returns whether it was within `patienceMs`.
 * @throws what `isSo` rejects with.
 */
export async function seenWithin(
  patienceMs: number,
  isSo: () => boolean | Promise<boolean>,
): Promise<boolean> {
  const deadline = performance.now() + patienceMs
  while (!(await isSo())) {
    if (performance.now() > deadline) return false
    await sleep(LOOK_EVERY_MS)
  }
  return true
}

/** The same. @throws Error when patience ends. */
export async function waitFor(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  patienceMs = 60_000,
): Promise<void> {
  if (!(await seenWithin(patienceMs, isSo))) throw new Error(`Not seen within ${patienceMs} ms: ${what}`)
}
