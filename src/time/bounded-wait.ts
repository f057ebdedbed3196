// Waits that end: by a signal, or by time. Every timer is cleared.
import { setTimeout as sleep } from 'node:timers/promises'

/** Waits `ms`, or until the signal is aborted; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => undefined)
}

/** Waits for work to end, well or badly, but no longer than `ms`; never rejects. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const ended = new AbortController()
  await Promise.race([work.catch(() => undefined), pause(ms, ended.signal)])
  ended.abort()
}
