// What an adapter does again and again, or one adapter at a time.
import type { Events } from '../telemetry/events.ts'
import { pause } from '../time/bounded-wait.ts'

export interface SweepParts {
  /** Whether it is for this process to do it, now. @default it is */
  readonly turn?: () => Promise<boolean>
  readonly round: () => Promise<void>
  readonly everyMs: number
  /** Completes "a fault in …". */
  readonly where: string
  readonly events: Events
}

export interface Sweep {
  start(): void
  /** Idempotent. */
  stop(): Promise<void>
}

export function makeSweep({ turn = async () => true, round, everyMs, where, events }: SweepParts): Sweep {
  const stopping = new AbortController()
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await pause(everyMs, stopping.signal)
      if (stopping.signal.aborted) return
      try {
        if (await turn()) await round()
      } catch (error) {
        if (!stopping.signal.aborted) events.emit('fault', { where, error })
      }
    }
  }
  let loop: Promise<void> = Promise.resolve()
  return {
    start() {
      loop = run()
    },
    async stop() {
      stopping.abort()
      await loop
    },
  }
}
