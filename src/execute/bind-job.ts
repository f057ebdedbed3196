// Binds a job, fetching what its documents need along the way. Binding itself is pure and tells all that is missing; it
// begins again with that there, so that faults are met in the order the connector meets them.
import type { Aside } from '../aside/aside.ts'
import { bindAside } from '../aside/job-work.ts'
import type { BindOptions, Bound } from '../connector/bind-request.ts'
import { readingUnits } from '../connector/value-count.ts'
import type { DocumentSession } from '../documents/document-source.ts'
import type { WorkOwner } from '../job/fair-queue.ts'
import { type LoopWork, timed } from '../telemetry/loop-work.ts'
import { untilAborted } from '../time/bounded-wait.ts'
import { letOthersRun } from '../time/let-others-run.ts'

/** Binds variables, given as JSON text. Rejects when `signal` is aborted, and as {@link Aside} does. */
export async function bindJob(
  variables: string,
  session: DocumentSession,
  {
    signal,
    about,
    owner,
    aside,
    ...options
  }: Omit<BindOptions, 'supply'> & {
    readonly signal: AbortSignal
    readonly about: Omit<LoopWork, 'stage'>
    readonly owner: WorkOwner
    readonly aside: Aside
  },
): Promise<Bound> {
  // Ends: each time round adds all that the variables ask for by then. Contents come with the first; what functions make of
  // them, which are ten at the most, with the next.
  for (;;) {
    const work = { units: readingUnits(variables), owner }
    const binding = timed({ ...about, stage: 'bind' }, () =>
      bindAside(aside, work, variables, { ...options, supply: session.supply }),
    )
    const result = await untilAborted(binding, signal)
    if (result.kind === 'bound') return result.bound
    await session.fulfil(result.needs, signal)
    signal.throwIfAborted()
    await letOthersRun()
  }
}
