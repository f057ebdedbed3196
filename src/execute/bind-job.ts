// Binds a job, fetching what its documents need along the way. Binding itself is pure and stops at the first thing
// that is missing; it begins again with that thing there, so that faults are met in the order the connector meets them.
import { type BindOptions, type Bound, bindRequest } from '../connector/bind-request.ts'
import { NeedsDocument } from '../connector/documents/document-supply.ts'
import type { DocumentSession } from '../documents/document-source.ts'

/** Binds variables, given as JSON text. Rejects when `signal` is aborted. */
export async function bindJob(
  variables: string,
  session: DocumentSession,
  options: Omit<BindOptions, 'supply'> & { readonly signal: AbortSignal },
): Promise<Bound> {
  // Ends: each time round adds one of the things that the variables ask for.
  for (;;) {
    try {
      return bindRequest(variables, { ...options, supply: session.supply })
    } catch (error) {
      if (!(error instanceof NeedsDocument)) throw error
      await session.fulfil(error.need, options.signal)
      options.signal.throwIfAborted()
    }
  }
}
