// A worker that alone cannot call a lane, as on a host without a network or without credentials, while others get answers there: the
// lane does not stop for it (lanes/pace/settle.lua), so it leaves the lane to them, and tries one call now and then.

/** The first pause and the longest, ms. */
const FIRST_MS = 1_000
const LONGEST_MS = 12_000
/** A call that lives longer has a connection: connecting takes no longer (aws/). */
const CONNECTING_MS = 12_000

export interface OwnOutage {
  /** ms until this worker may ask for another call; 0: now. */
  restMs(): number
  /** A call is sent. */
  sent(): void
  /** A call failed here, while others go well elsewhere. @returns whether that is news. */
  failed(): boolean
  /** AWS answered a call. @returns how long it had not, ms; null where it always did. */
  answered(): number | null
  /** A call ended that says neither. */
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
      // Those that were sent with the one that failed say nothing new.
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
