// Shares one reading among requests of the same moment, with a time limit.
import { answerWithin } from '../time/bounded-wait.ts'

/** The latest reading; null when it fails. Never rejects. */
export type Snapshot<T> = () => Promise<T | null>

export interface SnapshotOptions {
  /** False while reading is known to fail. */
  readonly available: () => boolean
  /** ms, from any start. */
  readonly now: () => number
}

/** How long a reading is used. */
const KEPT_MS = 1_000
/** A scrape must get an answer even if Redis goes silent during a reading. */
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
