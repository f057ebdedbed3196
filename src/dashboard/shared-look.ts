// Shares one read of Redis among all requests of a moment, so that many open tabs cost as much as one.
// While Redis is down, the last read stays available, with the time since when.
import { answerWithin } from '../time/bounded-wait.ts'

export interface Look<T> {
  readonly seen: T
  /** ms since the epoch. */
  readonly atMs: number
}

interface Looked<T> {
  /** Null before the first read that succeeded. */
  readonly look: Look<T> | null
  /** Since when Redis does not answer, ms since the epoch; null when it does. */
  readonly awaySinceMs: number | null
}

interface SharedLook<T> {
  /** The last read, or a new one if that is too old. Never rejects, and takes at most {@link PATIENCE_MS}. */
  latest(): Promise<Looked<T>>
  /** The last read, without a new one; null before the first. */
  last(): Look<T> | null
  /** Forces the next read, after a change. */
  forget(): void
}

/** Pages ask every second, and must show nothing older than two seconds. */
const FRESH_MS = 400
export const PATIENCE_MS = 2_000

interface SharedLookParts<T> {
  readonly look: () => Promise<T>
  /** False while Redis is known to be down: a read would only wait for it. */
  readonly available: () => boolean
  /** ms since the epoch. */
  readonly now: () => number
}

export function makeSharedLook<T>({ look, available, now }: SharedLookParts<T>): SharedLook<T> {
  let last: Look<T> | null = null
  let awaySinceMs: number | null = null
  let answeredAt = now()
  let running: Promise<void> | null = null
  let forgotten = false
  const lookNow = async (): Promise<void> => {
    const atMs = now()
    try {
      if (!available()) throw new Error('Redis is away')
      const seen = await answerWithin(PATIENCE_MS, look())
      answeredAt = now()
      awaySinceMs = null
      // A read that began earlier but ended later is older.
      if (last === null || last.atMs <= atMs) last = { seen, atMs }
    } catch {
      // The dependency watch logs why Redis is down.
      awaySinceMs ??= answeredAt
    }
  }
  const begin = (): Promise<void> => {
    forgotten = false
    const look = lookNow().finally(() => {
      if (running === look) running = null
    })
    running = look
    return look
  }
  return {
    async latest() {
      const isFresh = !forgotten && awaySinceMs === null && last !== null && now() - last.atMs < FRESH_MS
      if (!isFresh) await (forgotten ? begin() : (running ?? begin()))
      return { look: last, awaySinceMs }
    },
    last: () => last,
    forget() {
      forgotten = true
    },
  }
}
