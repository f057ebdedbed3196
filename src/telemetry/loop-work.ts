// Which work holds the event loop of this process. All jobs of a process share one thread: while one of them is worked on
// without a pause, no lock is renewed and no probe answered. What takes long is noted as it ends, and told together with how
// long the loop was held. One for the process, as its event loop is.
import type { LaneName } from '../job/ids.ts'
import { makeService, type Service } from '../time/service.ts'
import type { Events } from './events.ts'

/** Whose work it is, and which part of it. */
export interface LoopWork {
  readonly stage: 'decode' | 'route' | 'store' | 'secrets' | 'bind' | 'measure' | 'send' | 'outcome'
  /** Of the job; its id in the queue where it could not be read yet. */
  readonly jobKey: string
  readonly processId: string
  readonly lane?: LaneName
}

/** Shorter work is not what holds a loop for a second. */
const WORTH_NOTING_MS = 50

let longest: { readonly work: LoopWork; readonly ms: number } | null = null

/** Does work of a job that has no pause, or begins so. */
export function timed<Result>(work: LoopWork, run: () => Result): Result {
  const from = performance.now()
  try {
    return run()
  } finally {
    const ms = performance.now() - from
    if (ms >= WORTH_NOTING_MS && ms > (longest?.ms ?? 0)) longest = { work, ms }
  }
}

/** How often it is looked whether the loop turns, ms. */
const LOOK_EVERY_MS = 200
/** What is told, ms: a probe that waits so long may fail. */
const LONG_MS = 1_000

/** Tells of each time that the event loop was held for more than a second, with the longest work of a job meanwhile. */
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
