// Long work of one thread, divided: whoever has a turn of the event loop for long gives it to all others that wait.
import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long a turn may take before others are due, ms. */
const LONG_MS = 15

let turnBegan = 0

/** Waits until all that is due now has had its turn. At once where this turn of the event loop has not been long. */
export async function letOthersRun(): Promise<void> {
  if (performance.now() - turnBegan < LONG_MS) return
  await nextTurn()
  turnBegan = performance.now()
}
