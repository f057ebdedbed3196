// Waits that end by a signal or a timeout. Every timer is cleared.
import { setTimeout as sleep } from 'node:timers/promises'

/** Node's longest timer, ms; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Waits `ms`, or until the signal aborts. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal }).catch(() => undefined)
}

/** Waits until work settles, but no longer than `ms`. Never rejects. */
export async function waitAtMost(ms: number, work: Promise<unknown>): Promise<void> {
  const ended = new AbortController()
  await Promise.race([work.catch(() => undefined), pause(ms, ended.signal)])
  ended.abort()
}

/** Thrown when work does not settle in time. */
export class LateError extends Error {
  override readonly name = 'LateError'
  readonly code = 'LATE'

  constructor(ms: number) {
    super(`no answer within ${ms} ms`)
  }
}

/**
 * The result of work. Work that takes longer than `ms` is not cancelled.
 * @throws what `late` returns, after `ms`. @default a LateError
 */
export async function answerWithin<T>(
  ms: number,
  work: Promise<T>,
  late: (ms: number) => Error = (waitedMs) => new LateError(waitedMs),
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(late(ms)), ms)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

/** The result of work, or null after `ms`: the work is not cancelled. Rejects if work rejects in time. */
export async function answerOrNull<T>(ms: number, work: Promise<T>): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), ms)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

/** Runs work with a signal that aborts with `stopping`, or after `ms`. */
export async function signalled<T>(
  ms: number,
  stopping: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  if (ms <= 0) late.abort()
  const timer = setTimeout(() => late.abort(), Math.min(Math.max(ms, 0), LONGEST_TIMER_MS))
  try {
    return await work(AbortSignal.any([stopping, late.signal]))
  } finally {
    clearTimeout(timer)
  }
}

/** Waits for work until `signal` aborts: rejects then. The work is not cancelled. */
export async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  // Work that is no longer awaited may still reject.
  work.catch(() => undefined)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', onAbort))
}
