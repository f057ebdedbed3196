// What a process does again and again until it stops: each such loop of Quarry is one of these. So all of them begin, pause,
// tell their faults, are woken and end in the same way, and what each does is one function.
import { pause, waitAtMost } from './bounded-wait.ts'

/** A round that failed. */
export interface ServiceFault {
  /** What the service does; completes "a fault in …". */
  readonly where: string
  readonly error: unknown
}

export interface ServiceParts {
  /** What it does, as a person reads it in a list and in the log: "extending leases". */
  readonly name: string
  /**
   * Does it once. A round that rejects is a fault, and is told; what must not be told it handles itself.
   * @param stopping - aborted when the service stops: a round that may take long looks at it.
   * @returns ms until the next round, 0 for at once.
   */
  readonly round: (stopping: AbortSignal) => Promise<number>
  /** Told once for each round that rejects, but not while the service stops: what it uses may be closing then. */
  readonly onFault: (fault: ServiceFault) => void
  /** ms before the first round. @default 0 */
  readonly firstAfterMs?: number
  /** ms until the next round after so many faults in a row. @default {@link pauseAfterFaults} */
  readonly afterFaultMs?: (faults: number) => number
  /** What it takes back or waits for at its end, if it began: after the last round, once. Whether it rejects is nobody's concern. */
  readonly leave?: () => Promise<unknown>
  /** How long a stop waits for the round that runs, and then for `leave`, ms each. @default 1_000 */
  readonly stopWithinMs?: number
}

export interface Service {
  readonly name: string
  /** Begins the rounds. Idempotent; does nothing once it was stopped. */
  start(): void
  /**
   * Begins no round any more, waits for the one that runs, and leaves: each no longer than the service's own bound. A round that
   * hangs is left alone. Never rejects. Idempotent, and fine before a start.
   */
  stop(): Promise<void>
}

export interface Wakeable extends Service {
  /** The next round comes at once; right after the one that runs, if one does. */
  wake(): void
}

const STOP_WITHIN_MS = 1_000

export function makeService(parts: ServiceParts): Wakeable {
  const { name, round, onFault, afterFaultMs = pauseAfterFaults, stopWithinMs = STOP_WITHIN_MS } = parts
  const stopping = new AbortController()
  const { signal } = stopping
  /** Aborted by what ends the pause that there is, or the one that comes next. */
  let rest = new AbortController()
  let faults = 0
  const once = async (): Promise<number> => {
    try {
      const untilNextMs = await round(signal)
      faults = 0
      return untilNextMs
    } catch (error) {
      faults += 1
      if (!signal.aborted) onFault({ where: name, error })
      return afterFaultMs(faults)
    }
  }
  const run = async (): Promise<void> => {
    let ms = parts.firstAfterMs ?? 0
    while (!signal.aborted) {
      if (ms > 0) await pause(ms, rest.signal)
      if (signal.aborted) return
      // Whoever wakes it from here on means the round after this one: this one may have looked already.
      rest = new AbortController()
      ms = await once()
    }
  }
  let loop: Promise<void> | undefined
  let stopped: Promise<void> | undefined
  const end = async (): Promise<void> => {
    if (loop === undefined) return
    await waitAtMost(stopWithinMs, loop)
    if (parts.leave !== undefined) await waitAtMost(stopWithinMs, parts.leave())
  }
  return {
    name,
    start() {
      if (!signal.aborted) loop ??= run()
    },
    wake: () => rest.abort(),
    stop() {
      stopping.abort()
      rest.abort()
      stopped ??= end()
      return stopped
    },
  }
}

const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 5_000

/** Twice as long after each fault in a row, 5 s at the most, and up to a half less: processes that met the same come back apart. */
export function pauseAfterFaults(faults: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(faults - 1, 16))
  return longest * (0.5 + 0.5 * random())
}
