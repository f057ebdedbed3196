// Reads an outcome from its stored text. That may take secrets that cannot be fetched at once.
import type { Outcome } from '../job/outcome.ts'
import { incident } from './report-outcome.ts'

export type Opened =
  | { readonly kind: 'open'; readonly outcome: Outcome }
  /** It cannot be read now. `gone`: a source of secrets has answered that it no longer knows one. */
  | { readonly kind: 'shut'; readonly reason: string; readonly gone: boolean }

/**
 * Tries once. Never rejects.
 * @param read - `readOutcome` of `secrets/sealed-outcome.ts`.
 */
export async function openOutcome(read: (text: string) => Promise<Outcome>, text: string): Promise<Opened> {
  try {
    return { kind: 'open', outcome: await read(text) }
  } catch (error) {
    if (!(error instanceof Error)) return { kind: 'shut', reason: String(error), gone: false }
    return { kind: 'shut', reason: error.message, gone: error.name === 'SecretGone' }
  }
}

/** The failure to report when a secret of an outcome is gone for good. */
export function secretLost(reason: string): Outcome {
  return incident(
    `The result of this job holds a secret that is not what it was when the model was called: ${reason}. Give it to the process that reports (role adapter) as the workers have it. The model was called; it is not called again until the incident is resolved.`,
  )
}
