// Payloads that this process has met of late and does not take: they are set aside, met again every minute, and stay so
// until somebody sees to it. Told in /health, to `quarry doctor`, and once in the log.
import type { PayloadFault } from '../payload/payload-codec.ts'
import type { Events } from './events.ts'

/** Jobs by why their payload is refused; empty: none is. */
export type RefusedCounts = Readonly<Partial<Record<PayloadFault, number>>>

/** What is set aside is met again every minute, by one process or another. */
const LATELY_MS = 180_000
/** Whoever writes to Redis may write many. */
const MOST_REMEMBERED = 10_000

/** @returns what tells how many jobs that is now. */
export function countRefused(events: Events, now = performance.now.bind(performance)): () => RefusedCounts {
  const met = new Map<string, { readonly why: PayloadFault; readonly at: number }>()
  events.on('payloadRefused', ({ jobKey, why }) => {
    met.delete(jobKey)
    met.set(jobKey, { why, at: now() })
    const [oldest] = met.keys()
    if (met.size > MOST_REMEMBERED && oldest !== undefined) met.delete(oldest)
  })
  return () => {
    for (const [jobKey, { at }] of met) {
      if (now() - at <= LATELY_MS) break
      met.delete(jobKey)
    }
    const counts: Partial<Record<PayloadFault, number>> = {}
    for (const { why } of met.values()) counts[why] = (counts[why] ?? 0) + 1
    return counts
  }
}
