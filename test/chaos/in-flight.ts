// Which jobs may rightly be paid for twice: those whose call a fault struck between being sent and its outcome being
// in Redis. The stand-in sees the first of the two; the second comes a moment after the answer, and so a call that was
// answered just before the fault counts, too.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Call, StandIn } from './stand-in.ts'

/** What was under way when a fault struck. */
export interface InFlight {
  /** Calls without an answer at the moment of the fault. */
  readonly open: number
  /** The jobs of these calls, and of those on their way within {@link SETTLE_MS} before and after it. */
  readonly jobs: ReadonlySet<string>
}

/** How long a request or an answer may be on its way between two processes. */
const SETTLE_MS = 250

/**
 * Strikes, and says what it struck.
 * @param of whose calls it can strike.
 */
export async function strikeAndCount(
  standIn: StandIn,
  of: (call: Call) => boolean,
  strike: () => Promise<void>,
): Promise<InFlight> {
  const own = () => standIn.calls().filter(of)
  const early = own()
  await sleep(SETTLE_MS)
  const struck = strike()
  const open = own().filter((call) => call.open).length
  await struck
  await sleep(SETTLE_MS)
  // The log is in order of arrival: what is not in the first look stands at its end.
  const hit = own().filter((_, index) => early[index]?.open ?? true)
  return { open, jobs: new Set(hit.map(({ job }) => job)) }
}

/** The payments that no fault explains: each fault explains one for each job that it struck. */
export function unexplained(paidAgain: readonly string[], faults: readonly InFlight[]): string[] {
  const left = new Map<string, number>()
  for (const { jobs } of faults) for (const job of jobs) left.set(job, (left.get(job) ?? 0) + 1)
  return paidAgain.filter((job) => {
    const times = left.get(job) ?? 0
    left.set(job, times - 1)
    return times <= 0
  })
}
