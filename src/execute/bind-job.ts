// Binds a job and fetches its documents on the way. Binding is pure: it lists the missing documents, and starts again once they are fetched,
// so that errors appear in the connector's order.
import type { Aside } from '../aside/aside.ts'
import { bindAside } from '../aside/bind-aside.ts'
import type { BindOptions, Bound } from '../connector/bind-request.ts'
import { readingUnits } from '../connector/value-count.ts'
import type { DocumentSession } from '../documents/document-source.ts'
import type { WorkOwner } from '../job/fair-queue.ts'
import { timed } from '../telemetry/loop-work.ts'
import type { LoopWork } from '../telemetry/named-job.ts'
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
  // Terminates: each round adds everything that the variables ask for by then. The first adds contents, the next ones the results of
  // functions, at most ten.
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
