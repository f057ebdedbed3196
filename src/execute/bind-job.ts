// Binds a job, fetching what its documents need along the way. Binding itself is pure and tells all that is missing; it
// begins again with that there, so that faults are met in the order the connector meets them.
import { type BindOptions, type Bound, bindRequest } from '../connector/bind-request.ts'
import { NeedsDocument } from '../connector/documents/document-supply.ts'
import type { DocumentSession } from '../documents/document-source.ts'
import { type LoopWork, timed } from '../telemetry/loop-work.ts'
import { othersTurn } from '../time/others-turn.ts'

/** Binds variables, given as JSON text. Rejects when `signal` is aborted. */
export async function bindJob(
  variables: string,
  session: DocumentSession,
  {
    signal,
    about,
    ...options
  }: Omit<BindOptions, 'supply'> & {
    readonly signal: AbortSignal
    readonly about: Omit<LoopWork, 'stage'>
  },
): Promise<Bound> {
  // Ends: each time round adds all that the variables ask for by then. Contents come with the first; what functions make of
  // them, which are ten at the most, with the next.
  for (;;) {
    try {
      return timed({ ...about, stage: 'bind' }, () =>
        bindRequest(variables, { ...options, supply: session.supply }),
      )
    } catch (error) {
      if (!(error instanceof NeedsDocument)) throw error
      await session.fulfil(error.needs, signal)
      signal.throwIfAborted()
      await othersTurn()
    }
  }
}
