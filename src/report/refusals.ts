// How often outcomes were refused for a reason of their own, and what follows from that. Pure but for its counts, which are
// bounded: of one that was dropped, counting begins anew.

/** What follows from a refusal: another attempt after a while, or a pause in which another reporter may try. */
export type AfterRefusal = { readonly kind: 'again'; readonly inMs: number } | { readonly kind: 'pause' }

export interface Refusals {
  /** Whether one more refusal is one too many: Zeebe is told a failure in place of the result. */
  isLast(id: string): boolean
  /** @param forGood - whether it counts towards {@link isLast}. */
  refused(id: string, forGood: boolean): AfterRefusal
  /** It has ended. */
  forget(id: string): void
}

/** Attempts before an outcome pauses. */
const IN_A_ROW = 6
/** Rounds of such attempts before it is the last. */
const MOST_ROUNDS = 5
const SLOWEST_RETRY_MS = 5_000
const REMEMBERED = 10_000

export function makeRefusals(random: () => number): Refusals {
  /** By the ids of jobs and epochs: those of entries are unique in one of the streams only. */
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
