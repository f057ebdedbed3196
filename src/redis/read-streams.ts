// Waits for new entries of the outbox streams: by one blocking command over all streams, or in a Cluster, where a command takes keys of
// one slot only, by polling each stream, less often while nothing comes.
import { Cluster } from 'ioredis'
import { pause } from '../time/bounded-wait.ts'
import type { RedisClient } from './connect.ts'
import { type Ask, together } from './together.ts'

/** Its id, then fields and values in turn. */
export type StreamEntry = readonly [string, string[]]
/** Streams with their entries. */
export type StreamReply = readonly [string, StreamEntry[]][] | null

export interface StreamReader {
  /** Up to `count` new entries of each stream, waiting up to `blockMs` for the first one. */
  read(count: number, blockMs: number): Promise<NonNullable<StreamReply>>
  /** Ends a waiting `read`, for good. */
  interrupt(): void
}

export interface StreamReaderOptions {
  /** A connection for this reader alone: it is blocked, and cut in the end. */
  readonly blocking: RedisClient
  readonly group: string
  readonly consumer: string
  readonly streams: readonly string[]
}

export function makeStreamReader(options: StreamReaderOptions): StreamReader {
  return options.blocking instanceof Cluster ? readByTurns(options) : readBlocking(options)
}

function readBlocking({ blocking, group, consumer, streams }: StreamReaderOptions): StreamReader {
  const latest = streams.map(() => '>')
  return {
    async read(count, blockMs) {
      const ours = ['GROUP', group, consumer] as const
      const many = ['COUNT', count, 'BLOCK', blockMs, 'STREAMS', ...streams, ...latest] as const
      return ((await blocking.xreadgroup(...ours, ...many)) as StreamReply) ?? []
    },
    interrupt: () => blocking.disconnect(),
  }
}

const FIRST_PAUSE_MS = 2
/** Longest time until an outcome is seen. A Cluster hardly notices 16 commands in this time. */
const LONGEST_PAUSE_MS = 100

function readByTurns({ blocking, group, consumer, streams }: StreamReaderOptions): StreamReader {
  const interrupted = new AbortController()
  let pauseMs = FIRST_PAUSE_MS
  const look = async (count: number): Promise<NonNullable<StreamReply>> => {
    const asked = streams.map(
      (stream): Ask =>
        (on) =>
          on.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'STREAMS', stream, '>'),
    )
    return ((await together(blocking, asked)) as StreamReply[]).flatMap((reply) => reply ?? [])
  }
  return {
    async read(count, blockMs) {
      const until = performance.now() + blockMs
      while (!interrupted.signal.aborted) {
        const found = await look(count)
        pauseMs = found.length > 0 ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, 2 * pauseMs)
        if (found.length > 0 || performance.now() > until) return found
        await pause(pauseMs, interrupted.signal)
      }
      return []
    },
    interrupt() {
      interrupted.abort()
      blocking.disconnect()
    },
  }
}
