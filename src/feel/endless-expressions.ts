// Expressions that exceeded the time limit repeatedly fail at once for a while, so that they do not occupy the few child
// processes. Counted per tenant and process: the same expression may end with the variables of another.
import { createHash } from 'node:crypto'
import type { WorkOwner } from '../job/fair-queue.ts'

/** Timeouts in a row after which an expression is not tried. */
export const MOST_TIMEOUTS = 3
/** How long it is not tried after the last timeout, ms. */
const LEFT_ALONE_MS = 60_000
/** Most expressions remembered; the one with the oldest timeout is forgotten first. */
const MOST_KNOWN = 1_000

interface Slow {
  readonly times: number
  readonly lastMs: number
}

export class EndlessExpressions {
  readonly #slow = new Map<string, Slow>()
  readonly #now: () => number

  /** @param now - ms, monotonic. */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether the expression must fail without being tried. */
  isLeftAlone(expression: string, owner: WorkOwner): boolean {
    const key = keyOf(expression, owner)
    const slow = this.#slow.get(key)
    if (slow === undefined || slow.times < MOST_TIMEOUTS) return false
    if (this.#now() - slow.lastMs < LEFT_ALONE_MS) return true
    // One try: another timeout blocks it again.
    this.#slow.set(key, { ...slow, times: MOST_TIMEOUTS - 1 })
    return false
  }

  tookTooLong(expression: string, owner: WorkOwner): void {
    const key = keyOf(expression, owner)
    const times = (this.#slow.get(key)?.times ?? 0) + 1
    this.#slow.delete(key)
    this.#slow.set(key, { times, lastMs: this.#now() })
    const [oldest] = this.#slow.keys()
    if (this.#slow.size > MOST_KNOWN && oldest !== undefined) this.#slow.delete(oldest)
  }

  ended(expression: string, owner: WorkOwner): void {
    if (this.#slow.size > 0) this.#slow.delete(keyOf(expression, owner))
  }
}

function keyOf(expression: string, { tenantId, bpmnProcessId }: WorkOwner): string {
  return createHash('sha256')
    .update(JSON.stringify([tenantId, bpmnProcessId, expression]))
    .digest('base64')
}
