// The outbox and the answers of jobs as a reporter sees them, in memory, with Redis's record of who has read what.
import { type JobKey, jobKey, type LaneName } from '../../src/job/ids.ts'
import type { Outcome } from '../../src/job/outcome.ts'
import { queuedJobId } from '../../src/job/queued-job.ts'
import type { Answer, JobStore } from '../../src/ledger/job-store.ts'
import type { Outbox, OutboxEntry } from '../../src/ledger/outbox.ts'
import { makePayloadCodec } from '../../src/payload/payload-codec.ts'
import type { UnreadOutcomes } from '../../src/report/unread-outcomes.ts'

/** The n-th key of a partition. */
export function keyOf(partition: number, n: number): JobKey {
  return jobKey(String((BigInt(partition) << 51n) + BigInt(n)))
}

interface Pending {
  readonly entry: OutboxEntry
  reader: string
  touchedAt: number
}

export interface OutboxInMemory {
  /** Adds outcomes. */
  put(keys: readonly JobKey[], outcome?: Outcome): void
  /** The outbox of one reader. */
  as(reader: string): Outbox
  readonly store: Pick<JobStore, 'readAnswer' | 'reported' | 'backlog'>
  /** Entries that are not closed. */
  open(): number
  isOpen(key: JobKey): boolean
  /** Entries that a reader has, and has not handed back. */
  held(reader: string): number
  /** How often a method was called. */
  readonly asked: Map<string, number>
}

/** For a reporter that can read everything. */
export const NONE_UNREAD: UnreadOutcomes = { met: async () => false, areLeft: () => false }

const COMPLETED: Outcome = { kind: 'completed', variables: '{}' }
const LANE = 'default@eu-west-1@m' as LaneName

/** @param now - ms */
export function makeOutboxInMemory(now = () => performance.now()): OutboxInMemory {
  const unread: OutboxEntry[] = []
  const pending = new Map<string, Pending>()
  const answers = new Map<string, Answer>()
  const asked = new Map<string, number>()
  const waiters = new Set<() => void>()
  const codec = makePayloadCodec([])
  let last = 0
  const count = (what: string) => asked.set(what, (asked.get(what) ?? 0) + 1)
  const wake = () => {
    for (const waiter of waiters) waiter()
  }
  return {
    asked,
    open: () => unread.length + pending.size,
    isOpen: (key) => answers.has(key),
    held: (reader) =>
      [...pending.values()].filter((each) => each.reader === reader && Number.isFinite(each.touchedAt))
        .length,
    put(keys, outcome = COMPLETED) {
      for (const key of keys) {
        last += 1
        unread.push({ entryId: `${last}-0`, key, epoch: 1 })
        const text = codec.encode(JSON.stringify(outcome), queuedJobId(key, 1))
        answers.set(key, { lane: LANE, outcome: text, processId: 'p', trace: '' })
      }
      wake()
    },
    as(reader) {
      let interrupted = false
      return {
        prepare: async () => undefined,
        forgetReaders: async () => undefined,
        async read(most, blockMs) {
          count('read')
          if (unread.length === 0 && !interrupted) {
            const woken = Promise.withResolvers<void>()
            waiters.add(woken.resolve)
            const timer = setTimeout(woken.resolve, blockMs)
            await woken.promise
            clearTimeout(timer)
            waiters.delete(woken.resolve)
          }
          await new Promise(setImmediate)
          const read = interrupted ? [] : unread.splice(0, most * 16)
          for (const entry of read) pending.set(entry.entryId, { entry, reader, touchedAt: now() })
          return read
        },
        interrupt() {
          interrupted = true
          wake()
        },
        async *takeOver(idleMs, most) {
          count('takeOver')
          const idle = [...pending.values()].filter(({ touchedAt }) => now() - touchedAt >= idleMs)
          for (let from = 0; from < idle.length; from += most * 16) {
            await new Promise(setImmediate)
            const page = idle.slice(from, from + most * 16)
            for (const each of page) Object.assign(each, { reader, touchedAt: now() })
            yield page.map(({ entry }) => entry)
          }
        },
        async keep(entries) {
          count('keep')
          return entries.filter(({ entryId }) => {
            const found = pending.get(entryId)
            if (found?.reader !== reader) return true
            found.touchedAt = now()
            return false
          })
        },
        async handBack(entries) {
          count('handBack')
          for (const { entryId } of entries) {
            const found = pending.get(entryId)
            if (found?.reader === reader) found.touchedAt = Number.NEGATIVE_INFINITY
          }
        },
      }
    },
    store: {
      readAnswer: async (key) => answers.get(key) ?? null,
      async reported({ key, entryId }) {
        pending.delete(entryId)
        return answers.delete(key)
      },
      async backlog() {
        count('backlog')
        return { held: 0, outcomes: unread.length + pending.size, bytes: 0 }
      },
    },
  }
}
