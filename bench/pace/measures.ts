// The arithmetic of the quota scenarios: shares of a quota, windows, recovery. Pure. Moments are ms since the epoch.

/** A rate that the stand-in grants from a moment on. */
export interface Grant {
  readonly atMs: number
  readonly perMinute: number
}

/** Includes its beginning, excludes its end. */
export interface Window {
  readonly fromMs: number
  readonly toMs: number
}

/** An event with its amount: 1 for a call, or its tokens. */
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
 * The granted amount within a window: each rate times its duration. The one-time content of a full bucket is left out.
 * @param grants in the order of time; before the first one nothing is granted.
 */
export function grantedWithin(grants: readonly Grant[], { fromMs, toMs }: Window): number {
  return grants.reduce((sum, { atMs, perMinute }, index) => {
    const begin = Math.max(fromMs, atMs)
    const end = Math.min(toMs, grants[index + 1]?.atMs ?? toMs)
    return sum + (perMinute * Math.max(0, end - begin)) / 60_000
  }, 0)
}

/** The used share of the amount granted within a window; null if nothing is granted. */
export function usedShare(uses: readonly Use[], grants: readonly Grant[], window: Window): number | null {
  const granted = grantedWithin(grants, window)
  if (granted === 0) return null
  const used = uses.reduce((sum, { atMs, amount }) => sum + (isWithin(window, atMs) ? amount : 0), 0)
  return used / granted
}

export interface Recovery {
  readonly uses: readonly Use[]
  /** The last rate applies until `untilMs`. */
  readonly grant: Grant
  readonly untilMs: number
  /** The share that counts as recovered, 0 to 1. */
  readonly share: number
  /** How long the share must last, s. */
  readonly forSeconds: number
}

const RECOVERY_STEP_MS = 250

/**
 * Time after a step of the quota until its use has recovered, s: the first moment from which the share is reached for the
 * given time. Null if it never is.
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
 * The ratio of two kinds of events in every window of the given length that begins on a whole second of `within`;
 * `within` itself if that is shorter. Infinite without events of the second kind.
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
