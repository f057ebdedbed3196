// Payloads that this process refused recently. Their jobs are set aside and read again every minute, until an operator acts.
// Shown by /health and `quarry doctor`, and logged once.
import type { PayloadFault } from '../payload/payload-codec.ts'
import type { Events } from './events.ts'

/** Jobs by the reason why their payload is refused; empty for none. */
export type RefusedCounts = Readonly<Partial<Record<PayloadFault, number>>>

/** A job that is set aside is read again every minute, by any process. */
const LATELY_MS = 180_000
/** An attacker who can write to Redis may write many. */
const MOST_REMEMBERED = 10_000

/** @returns a function that counts the refused jobs. */
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
