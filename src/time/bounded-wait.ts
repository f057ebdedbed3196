// Waits that end: by a signal, or by time. Every timer is cleared.
import { setTimeout as sleep } from 'node:timers/promises'

/** A timer of Node holds no longer, ms; beyond it, it would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Waits `ms`, or until the signal is aborted; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(Math.min(ms, LONGEST_TIMER_MS), undefined, { signal }).catch(() => undefined)
}

/** Waits for work to end, well or badly, but no longer than `ms`; never rejects. */
export async function waitAtMost(ms: number, work: Promise<unknown>): Promise<void> {
  const ended = new AbortController()
  await Promise.race([work.catch(() => undefined), pause(ms, ended.signal)])
  ended.abort()
}

/** Thrown when work takes longer than it is waited for. */
export class LateError extends Error {
  override readonly name = 'LateError'
  readonly code = 'LATE'

  constructor(ms: number) {
    super(`no answer within ${ms} ms`)
  }
}

/**
 * What work comes to. It is left alone when it takes longer than `ms`.
 * @throws what `late` makes then. @default a LateError
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

/** What work comes to, or null when it takes longer than `ms`; it is then left alone. Rejects when work does so in time. */
export async function answerOrNull<T>(ms: number, work: Promise<T>): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), ms)
  return Promise.race([work, promise]).finally(() => clearTimeout(timer))
}

/** Does work with a signal that is aborted when `stopping` is, or after `ms`. */
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

/** Waits for work, but no longer than until `signal` is aborted: rejects then, whatever becomes of the work. */
export async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  // What is not waited for may still fail.
  work.catch(() => undefined)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  return Promise.race([work, promise]).finally(() => signal.removeEventListener('abort', onAbort))
}
