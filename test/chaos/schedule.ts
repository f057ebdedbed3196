// When faults strike: by time, as real ones do. What they strike is the caller's.
import { setTimeout as sleep } from 'node:timers/promises'

export interface Schedule {
  /** Ends it once the fault that strikes has struck. @throws what a fault rejected with. */
  stop(): Promise<void>
}

/** Strikes every `periodMs` from now on; a fault that takes longer delays the next. The first failure ends it. */
export function strikeEvery(periodMs: number, strike: () => Promise<void>): Schedule {
  const stopping = new AbortController()
  const run = async (): Promise<void> => {
    for (let due = performance.now() + periodMs; ; due = Math.max(due + periodMs, performance.now())) {
      await sleep(Math.max(0, due - performance.now()), undefined, { signal: stopping.signal }).catch(
        () => undefined,
      )
      if (stopping.signal.aborted) return
      await strike()
    }
  }
  const ended = run().then(
    () => null,
    (error: unknown) => ({ error }),
  )
  return {
    async stop() {
      stopping.abort()
      const failed = await ended
      if (failed !== null) throw failed.error
    },
  }
}
