// The result of a check: what was found and, unless it is right, what to do.

/** A `fault` keeps Quarry from working; a `warning` may. `skipped`: nothing was checked, as nothing is set for it. */
export type Level = 'ok' | 'skipped' | 'warning' | 'fault'

/** One result of a check. */
export interface Verdict {
  readonly level: Level
  /** What was found and, unless it is right, what to do. Holds no secret. */
  readonly text: string
}

export interface Finding extends Verdict {
  /** Name of the check: `redis`. */
  readonly check: string
}

export const ok = (text: string): Verdict => ({ level: 'ok', text })
export const skipped = (text: string): Verdict => ({ level: 'skipped', text })
export const warning = (text: string): Verdict => ({ level: 'warning', text })
export const fault = (text: string): Verdict => ({ level: 'fault', text })
