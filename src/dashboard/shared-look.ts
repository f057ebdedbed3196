// One look at Redis for all who ask at about the same time: however many tabs are open, it is read as if one were.
// When Redis is away, the last look stays, and says since when.
import { answerWithin } from '../time/bounded-wait.ts'

export interface Look<T> {
  readonly seen: T
  /** ms since the epoch. */
  readonly atMs: number
}

export interface Looked<T> {
  /** Null before the first look that saw anything. */
  readonly look: Look<T> | null
  /** Since when Redis does not answer, ms since the epoch; null when it does. */
  readonly awaySinceMs: number | null
}

export interface SharedLook<T> {
  /** What was seen lately, or is seen now. Never rejects, and takes no longer than {@link PATIENCE_MS}. */
  latest(): Promise<Looked<T>>
  /** What was seen last, without a look; null before the first. */
  last(): Look<T> | null
  /** The next look is a new one: something was changed. */
  forget(): void
}

/** What is shown must be younger than two seconds, and pages ask each second. */
const FRESH_MS = 400
export const PATIENCE_MS = 2_000

export interface SharedLookParts<T> {
  readonly look: () => Promise<T>
  /** False while Redis is known to be away: a look would only wait for it. */
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
      // One that began before another and ended after it knows less.
      if (last === null || last.atMs <= atMs) last = { seen, atMs }
    } catch {
      // Why it is away is what the dependency watch tells.
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
