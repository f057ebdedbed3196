// What a check found: what is so and, where it should not be, what to do.

/** Something that is right, that may be wrong, or that keeps Quarry from its work. */
export type Level = 'ok' | 'warning' | 'fault'

/** What one look told. */
export interface Verdict {
  readonly level: Level
  /** What was found and, unless it is well, what to do. Holds no secret. */
  readonly text: string
}

export interface Finding extends Verdict {
  /** Name of the check: `redis`. */
  readonly check: string
}

export const ok = (text: string): Verdict => ({ level: 'ok', text })
export const warning = (text: string): Verdict => ({ level: 'warning', text })
export const fault = (text: string): Verdict => ({ level: 'fault', text })
