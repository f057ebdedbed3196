// Slows down password guessing: after some wrong tries, each further try of the same origin waits twice as long. No I/O;
// callers pass the time.
import { isIP } from 'node:net'

interface WrongPasswords {
  /** How long an origin must wait before its next try, ms; 0: it may try now. */
  waitMs(origin: string, nowMs: number): number
  /** A try begins. It counts as wrong until {@link WrongPasswords.right}; otherwise many tries at once would not count. */
  tried(origin: string, nowMs: number): void
  right(origin: string): void
}

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
const FORGET_MS = 15 * 60_000
/** Most remembered origins; the one with the oldest try is forgotten first. */
const MOST = 10_000

/** @param free - wrong tries without a wait: people mistype. */
export function makeWrongPasswords(free: number): WrongPasswords {
  const tries = new Map<string, { readonly count: number; readonly atMs: number }>()
  return {
    waitMs(origin, nowMs) {
      const known = tries.get(origin)
      if (known === undefined || known.count < free) return 0
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(10, known.count - free))
      return Math.max(0, known.atMs + waitMs - nowMs)
    },
    tried(origin, nowMs) {
      const known = tries.get(origin)
      const isOld = known === undefined || nowMs - known.atMs > FORGET_MS
      tries.delete(origin)
      tries.set(origin, { count: isOld ? 1 : known.count + 1, atMs: nowMs })
      const [oldest] = tries.keys()
      if (tries.size > MOST && oldest !== undefined) tries.delete(oldest)
    },
    right(origin) {
      tries.delete(origin)
    },
  }
}

const IPV6_GROUPS = 8
/** A /64, the usual assignment to one household or machine. */
const IPV6_KEPT = 4

/**
 * The network by which wrong passwords are counted: whoever has one address of it usually has the others too.
 * @returns `192.0.2.0/24`, `2001:db8:0:1::/64`, or the text itself if it is no address.
 */
export function networkOf(address: string): string {
  const [plain = ''] = address.split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1]
  if (isIP(mapped ?? plain) === 4) return (mapped ?? plain).replace(/\.\d+$/, '.0/24')
  if (isIP(plain) !== 6) return address
  const [head = '', tail] = plain.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const before = groups(head)
  const left = tail === undefined ? 0 : IPV6_GROUPS - before.length - groups(tail).length
  const all = [...before, ...Array.from({ length: Math.max(0, left) }, () => '0'), ...groups(tail ?? '')]
  const kept = all.slice(0, IPV6_KEPT).map((group) => Number.parseInt(group, 16).toString(16))
  return `${kept.join(':')}::/64`
}
