// The line of the stock connector in Redis. With a payload key it is encrypted: otherwise whoever writes to Redis could choose a line
// without a filter of secrets.
import { LINES, type Line, NEWEST_LINE } from '../job/line.ts'
import type { RedisClient } from '../redis/connect.ts'
import type { Keys } from '../redis/keys.ts'

/** What an installation has agreed on. */
export interface AgreedLine {
  readonly line: Line
  /** Where it comes from, for a person. */
  readonly from: string
}

export interface LineSeal {
  close(text: string): string
  /** `unread`: the payload key is missing here. `refused`: the text must not be trusted. */
  open(stored: string): { readonly text: string } | 'unread' | 'refused'
}

/** A line, or why there is none to read. */
export type StoredLine = AgreedLine | 'none' | 'unread' | 'refused'

/** An installation that accepts nothing for longer takes the line of its gateway again. */
const LIVES_MS = 90 * 24 * 3_600_000

export interface LineStore {
  read(): Promise<StoredLine>
  write(line: AgreedLine): Promise<void>
  /** Writes it unless there is one. */
  writeFirst(line: AgreedLine): Promise<void>
  /** Has what is there live for longer. */
  extend(): Promise<void>
}

export function makeLineStore(redis: RedisClient, keys: Keys, seal: LineSeal): LineStore {
  const closed = (line: AgreedLine): string => seal.close(JSON.stringify(line))
  return {
    async read() {
      const stored = await redis.get(keys.line)
      if (stored === null) return 'none'
      const opened = seal.open(stored)
      if (typeof opened === 'string') return opened
      const { line, from } = JSON.parse(opened.text) as Record<string, unknown>
      // A newer version of Quarry may know further lines.
      return { line: LINES.find((one) => one === line) ?? NEWEST_LINE, from: String(from) }
    },
    async write(line) {
      await redis.set(keys.line, closed(line), 'PX', LIVES_MS)
    },
    async writeFirst(line) {
      await redis.set(keys.line, closed(line), 'PX', LIVES_MS, 'NX')
    },
    async extend() {
      await redis.pexpire(keys.line, LIVES_MS)
    },
  }
}

/** Null if there is none, or none that can be read. */
export const agreedIn = (stored: StoredLine): AgreedLine | null =>
  typeof stored === 'string' ? null : stored
