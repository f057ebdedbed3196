// An outcome out of its stored text, which may take secrets that cannot be fetched at once.
import type { Outcome } from '../job/outcome.ts'
import { incident } from './report-outcome.ts'

export type Opened =
  | { readonly kind: 'open'; readonly outcome: Outcome }
  /** It cannot be opened now. `gone`: a source of secrets has answered that it does not know one any more. */
  | { readonly kind: 'shut'; readonly reason: string; readonly gone: boolean }

/**
 * Opens it once. Never rejects.
 * @param read - as `readOutcome` of `secrets/sealed-outcome.ts`.
 */
export async function openOutcome(read: (text: string) => Promise<Outcome>, text: string): Promise<Opened> {
  try {
    return { kind: 'open', outcome: await read(text) }
  } catch (error) {
    if (!(error instanceof Error)) return { kind: 'shut', reason: String(error), gone: false }
    return { kind: 'shut', reason: error.message, gone: error.name === 'SecretGone' }
  }
}

/** What Zeebe is told when a secret of an outcome is gone for good. */
export function secretLost(reason: string): Outcome {
  return incident(
    `The result of this job holds a secret that is not what it was when the model was called: ${reason}. Give it to the process that reports (role adapter) as the workers have it. The model was called; it is not called again until the incident is resolved.`,
  )
}
