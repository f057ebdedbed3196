// One reader's access to the outbox streams: new entries, and entries of dead readers.
import { type JobKey, jobKey } from '../job/ids.ts'
import type { RedisClient } from '../redis/connect.ts'
import { type Keys, SHARD_NUMBERS } from '../redis/keys.ts'
import { makeStreamReader, type StreamEntry } from '../redis/read-streams.ts'
import { loadScripts } from '../redis/scripts.ts'
import { together } from '../redis/together.ts'
import { makeConsumerGroup } from './consumer-group.ts'
import { mayHaveOutcomes } from './is-empty.ts'

/** The consumer group of all reporters. */
export const REPORTERS = 'reporters'

/** One outcome to report to Zeebe. */
export interface OutboxEntry {
  readonly entryId: string
  readonly key: JobKey
  readonly epoch: number
}

export interface Outbox {
  /** Creates missing consumer groups. */
  prepare(): Promise<void>
  /** Deletes readers that were silent for `idleMs` and hold no entry: each process reads under a name of its own. */
  forgetReaders(idleMs: number): Promise<void>
  /** Up to `count` new entries per shard, waiting up to `blockMs` for the first one. */
  read(count: number, blockMs: number): Promise<readonly OutboxEntry[]>
  /** Ends a waiting `read`, for good. */
  interrupt(): void
  /**
   * Takes over all entries that their readers, this one included, have not touched for `idleMs`: up to `count` of each shard at a time.
   */
  takeOver(idleMs: number, count: number): AsyncIterable<readonly OutboxEntry[]>
  /**
   * Renews this reader's claim on entries, so that nobody takes them over.
   */
  keep(entries: readonly OutboxEntry[]): Promise<readonly OutboxEntry[]>
  /** Releases entries: the next {@link takeOver} of any reader takes them at once. */
  handBack(entries: readonly OutboxEntry[]): Promise<void>
}

/**
 * @param blocking a connection for `read` alone, which blocks it.
 * @param consumer name of this reader, unique among all processes.
 */
export function makeOutbox(redis: RedisClient, blocking: RedisClient, keys: Keys, consumer: string): Outbox {
  const streams = SHARD_NUMBERS.map((shard) => keys.outbox(shard))
  const reader = makeStreamReader({ blocking, group: REPORTERS, consumer, streams })
  const script = loadScripts(redis, import.meta.url, {
    'forget-readers': 1,
    'take-over': 1,
    'touch-entries': 1,
  })
  const touch = async (entries: readonly OutboxEntry[], idleMs: number): Promise<readonly OutboxEntry[]> => {
    const ofShards = [...Map.groupBy(entries, ({ key }) => keys.shardOf(key))]
    const pages = ofShards.flatMap(([shard, own]) => pagesOf(own).map((page) => ({ shard, page })))
    const asked = pages.map(({ shard, page }) => (on: object) => {
      const ids = page.map(({ entryId }) => entryId)
      return script('touch-entries', on)(keys.outbox(shard), REPORTERS, consumer, idleMs, ...ids)
    })
    const replies = (await together(redis, asked)) as string[][]
    return pages.flatMap(({ page }, index) => {
      const lost = new Set(replies[index])
      return page.filter(({ entryId }) => lost.has(entryId))
    })
  }
  let looks = 0
  return {
    async prepare() {
      for (const stream of streams) await makeConsumerGroup(redis, stream, REPORTERS)
    },
    async forgetReaders(idleMs) {
      for (const stream of streams) await script('forget-readers')(stream, REPORTERS, idleMs)
    },
    async read(count, blockMs) {
      return (await reader.read(count, blockMs)).flatMap(([, entries]) => entries.flatMap(readEntry))
    },
    interrupt: reader.interrupt,
    async *takeOver(idleMs, count) {
      looks += 1
      if (looks % FULL_LOOK_EACH !== 1 && !(await mayHaveOutcomes(redis, keys))) return
      for (let left = streams.map((stream) => ({ stream, from: START })); left.length > 0; ) {
        const asked = left.map(
          ({ stream, from }) =>
            (on: object) =>
              script('take-over', on)(stream, REPORTERS, consumer, idleMs, count, from),
        )
        const replies = (await together(redis, asked)) as [string, ...StreamEntry[]][]
        left = left.flatMap(({ stream }, index) => {
          const [from = START] = replies[index] ?? []
          return from === START ? [] : [{ stream, from }]
        })
        const found = replies.flatMap(([, ...entries]) => entries.flatMap(readEntry))
        if (found.length > 0) yield found
      }
    },
    keep: (entries) => touch(entries, 0),
    async handBack(entries) {
      await touch(entries, HANDED_BACK_MS)
    },
  }
}

/** Without outcomes, only the first and then each so many-th {@link Outbox.takeOver} reads the streams, for entries without a record. */
const FULL_LOOK_EACH = 6
/** Start of a scan through a stream, and the value that Redis returns at its end. */
const START = '0-0'
/** Longer than any reader's bound for dead readers. */
const HANDED_BACK_MS = 24 * 3_600_000
/** Entries that one script touches: it must not block Redis for long. */
const PAGE = 250

function pagesOf(entries: readonly OutboxEntry[]): OutboxEntry[][] {
  const pages = Math.ceil(entries.length / PAGE)
  return Array.from({ length: pages }, (_, page) => entries.slice(page * PAGE, (page + 1) * PAGE))
}

function readEntry([entryId, fields]: StreamEntry): OutboxEntry[] {
  const field = (name: string): string | undefined => fields[fields.indexOf(name) + 1]
  const key = field('key')
  const epoch = Number(field('epoch'))
  if (key === undefined || !Number.isInteger(epoch)) return []
  return [{ entryId, key: jobKey(key), epoch }]
}
