// When jobs that wait for one and the same thing look for it again: one after the other, so that together they ask at a
// bounded rate however many wait, and still soon find that it is there.

export interface Spacing {
  /** Between two looks, ms. */
  readonly gapMs: number
  readonly leastMs: number
  /** Where so many wait that the last would look later, the gap shrinks. */
  readonly mostMs: number
  /** A clock that never goes back, ms. */
  readonly now: () => number
}

/** Things that nobody waits for any more are forgotten when more than this many are known. */
const MOST_KNOWN = 1_000

/** Gives the delay in ms of the next that waits for a thing, by its name. */
export function makeSpacedDelays({ gapMs, leastMs, mostMs, now }: Spacing): (name: string) => number {
  const lastLooks = new Map<string, number>()
  return (name) => {
    const at = now()
    if (lastLooks.size > MOST_KNOWN)
      for (const [known, look] of lastLooks) if (look < at) lastLooks.delete(known)
    const spaced = Math.max(leastMs, (lastLooks.get(name) ?? 0) + gapMs - at)
    const delayMs = Math.ceil(Math.min(mostMs, spaced))
    lastLooks.set(name, at + delayMs)
    return delayMs
  }
}
