// Divides long work: yields to the event loop when the current turn has been long.
import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long a turn may take, ms. */
const LONG_MS = 15

let turnBegan = 0

/** Yields to everything that is due in the event loop. Resolves at once if this turn has not been long. */
export async function letOthersRun(): Promise<void> {
  if (performance.now() - turnBegan < LONG_MS) return
  await nextTurn()
  turnBegan = performance.now()
}
