// The arithmetic of the quota scenarios: shares of a quota, windows, recovery. Pure. Moments are ms since the epoch.

/** From a moment on the stand-in grants so much. */
export interface Grant {
  readonly atMs: number
  readonly perMinute: number
}

/** From its beginning up to, but without, its end. */
export interface Window {
  readonly fromMs: number
  readonly toMs: number
}

/** Something that happened, and how much it counts: 1 for a call, its tokens for tokens. */
export interface Use {
  readonly atMs: number
  readonly amount: number
}

export function secondsOf({ fromMs, toMs }: Window): number {
  return Math.max(0, toMs - fromMs) / 1_000
}

export function isWithin({ fromMs, toMs }: Window, atMs: number): boolean {
  return atMs >= fromMs && atMs < toMs
}

/**
 * What is granted within a window: the rates times how long each holds. What a full bucket grants besides, at once and
 * once, is left out.
 * @param grants in the order of time; before the first one nothing is granted.
 */
export function grantedWithin(grants: readonly Grant[], { fromMs, toMs }: Window): number {
  return grants.reduce((sum, { atMs, perMinute }, index) => {
    const begin = Math.max(fromMs, atMs)
    const end = Math.min(toMs, grants[index + 1]?.atMs ?? toMs)
    return sum + (perMinute * Math.max(0, end - begin)) / 60_000
  }, 0)
}

/** The share of what is granted within a window that is used in it; null where nothing is granted. */
export function usedShare(uses: readonly Use[], grants: readonly Grant[], window: Window): number | null {
  const granted = grantedWithin(grants, window)
  if (granted === 0) return null
  const used = uses.reduce((sum, { atMs, amount }) => sum + (isWithin(window, atMs) ? amount : 0), 0)
  return used / granted
}

export interface Recovery {
  readonly uses: readonly Use[]
  /** The last of them holds until `untilMs`. */
  readonly grant: Grant
  readonly untilMs: number
  /** What counts as recovered, 0 to 1. */
  readonly share: number
  /** For how long it must be reached, s. */
  readonly forSeconds: number
}

const RECOVERY_STEP_MS = 250

/**
 * How long after a step of the quota its use is back, s: the first moment from which so much is used for so long. Null when
 * it never is.
 */
export function secondsToRecover({ uses, grant, untilMs, share, forSeconds }: Recovery): number | null {
  const lastMs = untilMs - forSeconds * 1_000
  for (let fromMs = grant.atMs; fromMs <= lastMs; fromMs += RECOVERY_STEP_MS) {
    const used = usedShare(uses, [grant], { fromMs, toMs: fromMs + forSeconds * 1_000 })
    if (used !== null && used >= share) return (fromMs - grant.atMs) / 1_000
  }
  return null
}

/**
 * How many of one kind come for one of another, in every window of a length that begins on a whole second of `within`;
 * one window, `within` itself, where that is shorter. Infinite where there are none of the other.
 */
export function ratiosByWindow(
  ofMs: readonly number[],
  forMs: readonly number[],
  within: Window,
  lengthMs: number,
): number[] {
  const ratios: number[] = []
  const length = Math.min(lengthMs, within.toMs - within.fromMs)
  for (let fromMs = within.fromMs; fromMs + length <= within.toMs; fromMs += 1_000) {
    const window = { fromMs, toMs: fromMs + length }
    const count = (times: readonly number[]) => times.filter((atMs) => isWithin(window, atMs)).length
    ratios.push(count(ofMs) / count(forMs))
  }
  return ratios
}
