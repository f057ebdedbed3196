// Finds the work that blocks the event loop of this process. All its jobs share one thread: during long synchronous work on one of
// them, no lock is renewed and no probe answered. Long work is recorded as it ends, and emitted together with the time that the loop
// was blocked. One instance for each process, like its event loop.
import { makeService, type Service } from '../time/service.ts'
import type { Events } from './events.ts'
import type { LoopWork } from './named-job.ts'

/** Shorter work does not block a loop for a second. */
const WORTH_NOTING_MS = 50

let longest: { readonly work: LoopWork; readonly ms: number } | null = null

/** Runs work on a job that is synchronous, or begins so. */
export function timed<Result>(work: LoopWork, run: () => Result): Result {
  const from = performance.now()
  try {
    return run()
  } finally {
    const ms = performance.now() - from
    if (ms >= WORTH_NOTING_MS && ms > (longest?.ms ?? 0)) longest = { work, ms }
  }
}

/** How often the loop is checked, ms. */
const LOOK_EVERY_MS = 200
/** Shortest blocking that is emitted, ms: a probe that waits this long may fail. */
const LONG_MS = 1_000

/** Emits each blocking of the event loop of more than a second, with the longest work on a job during it. */
export function watchLoop(events: Events): Service {
  let expected = Number.POSITIVE_INFINITY
  return makeService({
    name: 'looking whether the event loop turns',
    async round() {
      const heldMs = performance.now() - expected
      const work = longest
      longest = null
      if (heldMs >= LONG_MS) {
        const of = work === null ? null : { ...work.work, workMs: Math.round(work.ms) }
        events.emit('loopHeld', { heldMs: Math.round(heldMs), ...of })
      }
      expected = performance.now() + LOOK_EVERY_MS
      return LOOK_EVERY_MS
    },
    onFault: (fault) => events.emit('fault', fault),
  })
}
