// Outcomes that this process has just stored. Its reporter gets most of their outbox entries a moment later, and need not read the
// outcomes back.
import { queuedJobId } from '../job/queued-job.ts'
import type { Answer, JobStore } from './job-store.ts'

/**
 * A job whose outcome is reported later than this may be a new order by now, and is read from Redis, ms. Zeebe hands out no job again while
 * its lease lasts, and leases are extended long before they end.
 */
const FRESH_MS = 500
/** Characters of one outcome, and of all that are kept. */
const MOST_OF_ONE = 64 * 1_024
const MOST_OF_ALL = 1_024 * 1_024

interface OwnAnswer {
  readonly answer: Answer
  /** By `performance.now`. */
  readonly sentAt: number
  /** Whether Redis took it. */
  readonly stored: Promise<boolean>
}

/**
 * The store of a process that both executes and reports: the first `readAnswer` after `answer` costs no round trip. All later ones ask
 * Redis, since the attempt before may have reached Zeebe.
 * @param now - ms, from any start.
 */
export function withOwnAnswers(
  store: JobStore,
  now: () => number = performance.now.bind(performance),
): JobStore {
  const own = new Map<string, OwnAnswer>()
  let size = 0
  const take = (id: string): OwnAnswer | undefined => {
    const known = own.get(id)
    own.delete(id)
    size -= known?.answer.outcome.length ?? 0
    return known
  }
  const isFresh = ({ sentAt }: OwnAnswer): boolean => now() - sentAt < FRESH_MS
  const keep = (id: string, known: OwnAnswer): void => {
    take(id)
    own.set(id, known)
    size += known.answer.outcome.length
    for (const [oldest, each] of own) {
      if (size <= MOST_OF_ALL && isFresh(each)) break
      take(oldest)
    }
  }
  return {
    ...store,
    answer(key, epoch, answer) {
      const { outcome, of, trace = '' } = answer
      const sentAt = now()
      const stored = store.answer(key, epoch, answer)
      // Kept before Redis replies: the outbox entry may arrive first.
      if (of !== undefined && outcome.length <= MOST_OF_ONE) {
        keep(queuedJobId(key, epoch), { answer: { ...of, outcome, trace }, sentAt, stored })
      }
      return stored
    },
    async readAnswer(key, epoch) {
      const known = take(queuedJobId(key, epoch))
      const isOurs = known !== undefined && (await known.stored.catch(() => false))
      return isOurs && isFresh(known) ? known.answer : store.readAnswer(key, epoch)
    },
  }
}
