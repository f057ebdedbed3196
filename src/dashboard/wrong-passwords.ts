// Slows down whoever tries passwords: after some that were wrong, each further one of the same address has to wait twice
// as long. Pure but for what it remembers; the time goes in.

export interface WrongPasswords {
  /** How long an address has to wait before its next try, ms; 0: it may try now. */
  waitMs(address: string, nowMs: number): number
  /** A try begins, and counts as wrong until {@link WrongPasswords.right}: many at once would count as none else. */
  tried(address: string, nowMs: number): void
  right(address: string): void
}

/** So many are free: people mistype. */
const FREE = 5
const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
const FORGET_MS = 15 * 60_000
/** Addresses that are remembered; the one that tried first goes first. */
const MOST = 10_000

export function makeWrongPasswords(): WrongPasswords {
  const tries = new Map<string, { readonly count: number; readonly atMs: number }>()
  return {
    waitMs(address, nowMs) {
      const known = tries.get(address)
      if (known === undefined || known.count < FREE) return 0
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(10, known.count - FREE))
      return Math.max(0, known.atMs + waitMs - nowMs)
    },
    tried(address, nowMs) {
      const known = tries.get(address)
      const isOld = known === undefined || nowMs - known.atMs > FORGET_MS
      tries.delete(address)
      tries.set(address, { count: isOld ? 1 : known.count + 1, atMs: nowMs })
      const [oldest] = tries.keys()
      if (tries.size > MOST && oldest !== undefined) tries.delete(oldest)
    },
    right(address) {
      tries.delete(address)
    },
  }
}
