// Every loop of Quarry is a service, so that all of them start, pause, report faults, wake and stop in the same way. What a service does
// is one function.
import { pause, waitAtMost } from './bounded-wait.ts'

/** A round that failed. */
export interface ServiceFault {
  /** What the service does; completes "a fault in …". */
  readonly where: string
  readonly error: unknown
}

export interface ServiceParts {
  /** What it does, for lists and the log: "extending leases". */
  readonly name: string
  /**
   * Does it once. A rejection is reported as a fault.
   * @param stopping - aborted when the service stops: long rounds must check it.
   * @returns ms until the next round, 0 for at once.
   */
  readonly round: (stopping: AbortSignal) => Promise<number>
  /** Called for each round that rejects, except while the service stops, when what it uses may be closing. */
  readonly onFault: (fault: ServiceFault) => void
  /** ms before the first round. @default 0 */
  readonly firstAfterMs?: number
  /** ms until the next round after so many faults in a row. @default {@link pauseAfterFaults} */
  readonly afterFaultMs?: (faults: number) => number
  /** Cleanup, called once after the last round, if the service was started. Rejections are ignored. */
  readonly leave?: () => Promise<unknown>
  /** How long a stop waits for the running round, and then for `leave`, ms each. @default 1_000 */
  readonly stopWithinMs?: number
}

export interface Service {
  readonly name: string
  /** Starts the rounds. Idempotent; does nothing after a stop. */
  start(): void
  /**
   * Starts no further round, waits for the running one, and cleans up, each no longer than `stopWithinMs`. Never rejects. Idempotent,
   * and fine before a start.
   */
  stop(): Promise<void>
}

export interface Wakeable extends Service {
  /** Starts the next round at once, or right after the running one. */
  wake(): void
}

const STOP_WITHIN_MS = 1_000

export function makeService(parts: ServiceParts): Wakeable {
  const { name, round, onFault, afterFaultMs = pauseAfterFaults, stopWithinMs = STOP_WITHIN_MS } = parts
  const stopping = new AbortController()
  const { signal } = stopping
  /** Aborted to end the current pause, or else the next one. */
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
      // A wake from here on is for the round after this one, which may have looked already.
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

/** Doubles with each fault in a row, up to 5 s, minus up to a half as jitter. */
export function pauseAfterFaults(faults: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(faults - 1, 16))
  return longest * (0.5 + 0.5 * random())
}
