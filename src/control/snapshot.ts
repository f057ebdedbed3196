// One reading for all that ask at about the same time, within bounds of time.
import { answerWithin } from '../time/bounded-wait.ts'

/** The latest reading; null while it cannot be had. Never rejects. */
export type Snapshot<T> = () => Promise<T | null>

export interface SnapshotOptions {
  /** False while it is known that nothing can be read. */
  readonly available: () => boolean
  /** ms, from any start. */
  readonly now: () => number
}

/** How long a reading counts. */
const KEPT_MS = 1_000
/** Whoever asks must have an answer even when Redis goes silent in the middle of one. */
const PATIENCE_MS = 2_000

export function makeSnapshot<T>(read: () => Promise<T>, { available, now }: SnapshotOptions): Snapshot<T> {
  let last: { readonly at: number; readonly reading: Promise<T | null> } | null = null
  return async () => {
    if (!available()) return null
    if (last === null || now() - last.at >= KEPT_MS)
      last = { at: now(), reading: answerWithin(PATIENCE_MS, read()).catch(() => null) }
    return last.reading
  }
}
