// An outcome out of its stored text, which may take a secret that cannot be fetched at once. It waits no longer than
// other reports may wait for their turn; the entry then stays in the outbox.
import type { Outcome } from '../job/outcome.ts'
import type { Answer } from '../redis/job-store.ts'
import type { OutboxEntry } from '../redis/outbox.ts'
import { pause } from '../time/bounded-wait.ts'
import { incident } from './report-outcome.ts'
import type { ReporterParts } from './reporter.ts'

const ATTEMPTS_IN_A_ROW = 4
const FIRST_DELAY_MS = 100
/** Rounds of such attempts, before Zeebe is told that a secret is gone for good. */
const MOST_ROUNDS = 5

/**
 * @param rounds - how often an entry was given up for a while, by entry id.
 * @returns null when it cannot be opened now: the entry is left for a later round.
 */
export async function openOutcome(
  parts: Pick<ReporterParts, 'readOutcome' | 'outbox' | 'events'>,
  opening: {
    readonly entry: OutboxEntry
    readonly of: Pick<Answer, 'processId' | 'lane'>
    readonly text: string
    readonly rounds: Map<string, number>
  },
  stopping: AbortSignal,
): Promise<Outcome | null> {
  const { entry, text, rounds } = opening
  const { processId, lane } = opening.of
  let reason = ''
  let gone = false
  for (let attempt = 0; attempt < ATTEMPTS_IN_A_ROW; attempt += 1) {
    if (attempt > 0) await pause(FIRST_DELAY_MS * 2 ** (attempt - 1), stopping)
    try {
      return await parts.readOutcome(text)
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error)
      gone = error instanceof Error && error.name === 'SecretGone'
    }
    if (stopping.aborted) {
      await parts.outbox.handBack(entry)
      return null
    }
    parts.events.emit('reportDelayed', {
      jobKey: entry.key,
      processId,
      lane,
      message: reason,
      status: 'SECRETS',
    })
    await parts.outbox.keep(entry)
  }
  const round = gone ? (rounds.get(entry.entryId) ?? 0) + 1 : 0
  if (round === 0) rounds.delete(entry.entryId)
  else rounds.set(entry.entryId, round)
  if (round < MOST_ROUNDS) return null
  return incident(
    `The result of this job holds a secret that was there when the model was called and is there no more: ${reason}. Add it again to the process that reports (role adapter). The model was called; it is not called again until the incident is resolved.`,
  )
}
