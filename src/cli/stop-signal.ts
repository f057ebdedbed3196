// SIGTERM and SIGINT: the first asks to stop, a second ends the process.
import type { EventEmitter } from 'node:events'

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

// On Ctrl-C the terminal signals npm and this process; npm then passes its signal on, so one key press arrives twice.
const ECHO_MS = 1000

/** What `stopSignal` needs of `process`. */
interface SignalSource extends Pick<EventEmitter, 'on' | 'off'> {
  exit(code: number): void
}

/** A request to stop. */
export interface StopSignal {
  /** Resolves when the process is to stop. */
  readonly received: Promise<void>
  /** Stops listening. */
  close(): void
}

/**
 * Listens for signals until closed.
 * @param now - ms of a clock that never goes back.
 */
export function stopSignal(
  source: SignalSource,
  now: () => number = performance.now.bind(performance),
): StopSignal {
  const { promise, resolve } = Promise.withResolvers<void>()
  let first: { readonly signal: string; readonly atMs: number } | null = null
  const listeners = SIGNALS.map((signal) => {
    const listener = () => {
      if (first === null) {
        first = { signal, atMs: now() }
        resolve()
      } else if (signal !== first.signal || now() - first.atMs > ECHO_MS) {
        source.exit(EXIT_CODES[signal])
      }
    }
    source.on(signal, listener)
    return { signal, listener }
  })
  return {
    received: promise,
    close() {
      for (const { signal, listener } of listeners) source.off(signal, listener)
    },
  }
}
