// Readers of an outbox of their own, on any Redis, and entries in one of its streams.
import { randomUUID } from 'node:crypto'
import { type JobKey, jobKey } from '../../src/job/ids.ts'
import { makeOutbox, type Outbox, type OutboxEntry } from '../../src/ledger/outbox.ts'
import type { RedisClient } from '../../src/redis/connect.ts'
import { type Keys, makeKeys } from '../../src/redis/keys.ts'

export interface OutboxUnderTest {
  readonly keys: Keys
  /** A reader of that name. */
  reader(name: string): Promise<Outbox>
  /** Puts `count` entries into the stream of one shard. */
  fill(shard: number, count: number): Promise<readonly JobKey[]>
}

/** @param connect - a connection that a reader may block; ended by the test. */
export function makeOutboxUnderTest(redis: RedisClient, connect: () => RedisClient): OutboxUnderTest {
  const keys = makeKeys(`test-${randomUUID()}`)
  let last = 0n
  return {
    keys,
    async reader(name) {
      const outbox = makeOutbox(redis, connect(), keys, name)
      await outbox.prepare()
      return outbox
    },
    async fill(shard, count) {
      const filled = Array.from({ length: count }, () => {
        last += 16n
        return jobKey(String(last + BigInt(shard)))
      })
      for (const key of filled) await redis.xadd(keys.outbox(shard), '*', 'key', key, 'epoch', 1)
      return filled
    },
  }
}

/** All that a look through the streams brings. */
export async function allOf(pages: AsyncIterable<readonly OutboxEntry[]>): Promise<OutboxEntry[]> {
  return (await Array.fromAsync(pages)).flat()
}

/** Reads until nothing new comes. */
export async function readAll(outbox: Outbox): Promise<OutboxEntry[]> {
  const found: OutboxEntry[] = []
  for (let read = await outbox.read(50, 100); read.length > 0; read = await outbox.read(50, 100))
    found.push(...read)
  return found
}
