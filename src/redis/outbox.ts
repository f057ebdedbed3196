// The outbox streams as one reader sees them: entries not delivered yet, and entries whose reader died.
import { type JobKey, jobKey } from '../job/ids.ts'
import type { RedisClient } from './connect.ts'
import { makeConsumerGroup } from './consumer-group.ts'
import { type Keys, SHARD_NUMBERS } from './keys.ts'
import { makeStreamReader } from './read-streams.ts'
import { loadScripts } from './scripts.ts'

/** The consumer group of all reporters. */
export const REPORTERS = 'reporters'

/** One outcome that Zeebe is to be told. */
export interface OutboxEntry {
  readonly entryId: string
  readonly key: JobKey
  readonly epoch: number
}

export interface Outbox {
  /** Makes the consumer groups where they are missing. */
  prepare(): Promise<void>
  /** Forgets readers that have been silent for `idleMs` and hold no entry: each process reads under a name of its own. */
  forgetReaders(idleMs: number): Promise<void>
  /** Up to `count` new entries per shard, waiting up to `blockMs` for the first one. */
  read(count: number, blockMs: number): Promise<readonly OutboxEntry[]>
  /** Ends a `read` that waits, for good. */
  interrupt(): void
  /** Takes over entries that another reader has not touched for `idleMs`. */
  takeOver(idleMs: number, count: number): Promise<readonly OutboxEntry[]>
  /** Says that this reader is still at work on an entry, so that nobody takes it over. */
  keep(entry: OutboxEntry): Promise<void>
  /** Hands an entry back: the next {@link takeOver} of anybody takes it at once. */
  handBack(entry: OutboxEntry): Promise<void>
}

/**
 * @param blocking a connection of its own: `read` blocks it.
 * @param consumer name of this reader, unique among all processes.
 */
export function makeOutbox(redis: RedisClient, blocking: RedisClient, keys: Keys, consumer: string): Outbox {
  const streams = SHARD_NUMBERS.map((shard) => keys.outbox(shard))
  const reader = makeStreamReader({ blocking, group: REPORTERS, consumer, streams })
  const script = loadScripts(redis, { 'forget-readers': 1 })
  const claim = async (entry: OutboxEntry, idleMs: number): Promise<void> => {
    const stream = keys.outbox(keys.shardOf(entry.key))
    await redis.call('xclaim', stream, REPORTERS, consumer, 0, entry.entryId, 'IDLE', idleMs, 'JUSTID')
  }
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
    async takeOver(idleMs, count) {
      const found: OutboxEntry[] = []
      for (const stream of streams) {
        const reply = await redis.xautoclaim(stream, REPORTERS, consumer, idleMs, '0', 'COUNT', count)
        const [, entries] = reply as [string, [string, string[]][]]
        found.push(...entries.flatMap(readEntry))
      }
      return found
    },
    keep: (entry) => claim(entry, 0),
    // Older than any bound that a reader would use.
    handBack: (entry) => claim(entry, 24 * 3_600_000),
  }
}

function readEntry([entryId, fields]: [string, string[] | null]): OutboxEntry[] {
  const field = (name: string): string | undefined => fields?.[fields.indexOf(name) + 1]
  const key = field('key')
  const epoch = Number(field('epoch'))
  if (key === undefined || !Number.isInteger(epoch)) return []
  return [{ entryId, key: jobKey(key), epoch }]
}
