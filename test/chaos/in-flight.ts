// Which jobs may rightly be paid for twice: those whose call a fault struck between being sent and its outcome being
// in Redis. The stand-in sees the first of the two; the second comes a moment after the answer, and so a call that was
// answered just before the fault counts, too.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Call, paidAgain, type StandIn } from './stand-in.ts'

/** What was under way when a fault struck. */
export interface InFlight {
  /** When it struck, ms since the epoch, and what. */
  readonly at: number
  readonly what: string
  /** Calls without an answer at the moment of the fault. */
  readonly open: number
  /** The jobs of these calls, of those answered just before it ({@link STORED_AFTER_MS}), and of those not read yet. */
  readonly jobs: ReadonlySet<string>
}

/** How long it may take until an answer is stored, on a machine where a dozen processes start at once. */
export const STORED_AFTER_MS = 1_500
/** How long a request that was sent may take until the stand-in has read it. */
const READ_AFTER_MS = 250

/**
 * Strikes, and says what it struck.
 * @param of - whose calls it can strike.
 */
export async function strikeAndCount(
  standIn: StandIn,
  { what, of }: { readonly what: string; readonly of: (call: Call) => boolean },
  strike: () => Promise<void>,
): Promise<InFlight> {
  const own = () => standIn.calls().filter(of)
  const early = own()
  await sleep(STORED_AFTER_MS)
  const at = Date.now()
  const struck = strike()
  const open = own().filter((call) => call.open).length
  await struck
  await sleep(READ_AFTER_MS)
  // The log is in order of arrival: what is not in the first look stands at its end.
  const hit = own().filter((_, index) => early[index]?.open ?? true)
  return { at, what, open, jobs: new Set(hit.map(({ job }) => job)) }
}

/**
 * The payments that no fault explains: each fault explains one for each job that it struck. In words: the calls of such
 * a job, and the faults that came between them.
 */
export function unexplained(calls: readonly Call[], faults: readonly InFlight[]): string[] {
  const left = new Map<string, number>()
  for (const { jobs } of faults) for (const job of jobs) left.set(job, (left.get(job) ?? 0) + 1)
  const found = paidAgain(calls).filter((job) => {
    const times = left.get(job) ?? 0
    left.set(job, times - 1)
    return times <= 0
  })
  return found.map((job) => story(job, calls, faults))
}

function story(job: string, calls: readonly Call[], faults: readonly InFlight[]): string {
  const own = calls.filter((call) => call.job === job)
  const [first] = own
  const last = own.at(-1)
  const between = faults.filter(({ at }) => at > (first?.at ?? 0) && at < (last?.at ?? 0))
  const lines = [
    ...own.map(({ at, accessKey, paid }) => ({ at, text: `call by ${accessKey}${paid ? ', paid' : ''}` })),
    ...between.map(({ at, what, jobs }) => ({ at, text: `${what}${jobs.has(job) ? ', in flight' : ''}` })),
  ].sort((a, b) => a.at - b.at)
  return [
    `${job} was paid again`,
    ...lines.map(({ at, text }) => `${at - (first?.at ?? 0)} ms: ${text}`),
  ].join('\n')
}
