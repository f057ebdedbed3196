// A worker that cannot call a lane while others can, as on a host without network or credentials. The lane does not stop for it
// (lanes/pace/settle.lua), so it leaves the jobs to the others, and sends one probe now and then.

/** The first pause and the longest, ms. */
const FIRST_MS = 1_000
const LONGEST_MS = 12_000
/** A call that lasts longer has a connection: connecting takes no longer (aws/). */
const CONNECTING_MS = 12_000

export interface OwnOutage {
  /** Ms until this worker may send a call; 0: now. */
  restMs(): number
  /** A call was sent. */
  sent(): void
  /** A call failed while other workers get answers. @returns whether the outage began with it. */
  failed(): boolean
  /** AWS answered a call. @returns the length of the outage, ms; null if there was none. */
  answered(): number | null
  /** A call ended in another way. */
  ended(): void
}

/** @param now - ms, from any start. */
export function makeOwnOutage(now: () => number, random: () => number): OwnOutage {
  let since: number | null = null
  let [pauseMs, restUntil, triesUntil] = [0, 0, 0]
  return {
    restMs: () => (since === null ? 0 : Math.max(0, Math.max(restUntil, triesUntil) - now())),
    sent() {
      if (since !== null) triesUntil = now() + CONNECTING_MS
    },
    failed() {
      triesUntil = 0
      // Calls that were sent together with the failed one do not count again.
      if (since !== null && now() < restUntil) return false
      const isNew = since === null
      since ??= now()
      pauseMs = Math.min(LONGEST_MS, Math.max(FIRST_MS, 2 * pauseMs))
      restUntil = now() + pauseMs * (0.75 + random() / 2)
      return isNew
    },
    answered() {
      const lastedMs = since === null ? null : now() - since
      since = null
      pauseMs = 0
      restUntil = 0
      triesUntil = 0
      return lastedMs
    },
    ended() {
      triesUntil = 0
    },
  }
}
