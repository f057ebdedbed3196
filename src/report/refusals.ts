// Counts how often outcomes were refused for a reason of their own, and decides what follows. The counts are bounded: for an outcome that
// was dropped, counting begins anew.

/** After a refusal: another attempt after a while, or a pause in which another reporter may try. */
export type AfterRefusal = { readonly kind: 'again'; readonly inMs: number } | { readonly kind: 'pause' }

export interface Refusals {
  /** Whether with one more refusal Zeebe gets a failure in place of the result. */
  isLast(id: string): boolean
  /** @param forGood - whether the refusal counts towards {@link isLast}. */
  refused(id: string, forGood: boolean): AfterRefusal
  /** The outcome is reported, or left. */
  forget(id: string): void
}

/** Attempts before an outcome pauses. */
const IN_A_ROW = 6
/** Rounds of attempts before an outcome is given up. */
const MOST_ROUNDS = 5
const SLOWEST_RETRY_MS = 5_000
const REMEMBERED = 10_000

export function makeRefusals(random: () => number): Refusals {
  /** By job and epoch: ids of entries are unique within one stream only. */
  const counts = new Map<string, { attempts: number; rounds: number }>()
  return {
    isLast(id) {
      const { attempts = 0, rounds = 0 } = counts.get(id) ?? {}
      return attempts + 1 === IN_A_ROW && rounds + 1 >= MOST_ROUNDS
    },
    refused(id, forGood) {
      const { attempts, rounds } = counts.get(id) ?? { attempts: 0, rounds: 0 }
      const [oldest] = counts.size >= REMEMBERED && !counts.has(id) ? counts.keys() : []
      if (oldest !== undefined) counts.delete(oldest)
      if (attempts + 1 < IN_A_ROW) {
        counts.set(id, { attempts: attempts + 1, rounds })
        return { kind: 'again', inMs: retryDelay(attempts, random) }
      }
      if (forGood) counts.set(id, { attempts: 0, rounds: rounds + 1 })
      else counts.delete(id)
      return { kind: 'pause' }
    },
    forget: (id) => void counts.delete(id),
  }
}

/** ms until an attempt is repeated, jittered. Pure. */
export function retryDelay(attempts: number, random: () => number): number {
  return (0.5 + 0.5 * random()) * Math.min(SLOWEST_RETRY_MS, 100 * 2 ** Math.min(attempts, 10))
}
